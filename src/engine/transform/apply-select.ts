/** A transform's SELECT over the rows of a batch, written as one Parquet file. */
import { isLandfallError } from "../../base/landfall-error.ts";
import type { StructType } from "../../schema/data-type.ts";
import type { Duckdb } from "../duckdb.ts";
import { quoteName, quoteText } from "../sql.ts";
import { withinMemory } from "../within-memory.ts";
import { BATCH } from "./judge-select.ts";
import { readableError } from "./readable-error.ts";
import { storedType } from "./stored-type.ts";
import { invalidTransform, namelessColumn, type SqlTransform } from "./batch-transform.ts";
import { LONGEST_TIMER_MS, tooSlow } from "./transform-limit-error.ts";

export interface ApplySelectOptions {
  readonly duckdb: Duckdb;
  /** Judged. */
  readonly transform: SqlTransform;
  /** A SELECT of the batch's rows. */
  readonly select: string;
  /** Of these rows. */
  readonly schema: StructType;
  readonly parquetPath: string;
  readonly signal: AbortSignal | undefined;
}

/** A column of the result, and the type that it has in SQL. */
export interface ResultColumn {
  readonly name: string;
  readonly type: string;
}

export interface Applied {
  readonly rowsOut: number;
  readonly columns: readonly ResultColumn[];
}

/** Columns of `batch` that a message names. */
const NAMED = 20;

/** @throws LandfallError TRANSFORM_INVALID for what cannot be bound to the batch's columns; ENGINE_FAILED where the rows make it fail; TransformLimitError */
export async function applySelect(options: ApplySelectOptions): Promise<Applied> {
  const { duckdb, transform, select, schema, parquetPath } = options;
  await duckdb.run(
    `CREATE OR REPLACE TEMP VIEW ${BATCH} AS ${select}`,
    "show the batch to the transform",
    options.signal,
  );
  const columns = await boundColumns(options);
  const casts = columns.map(({ name, cast }) => `CAST(${quoteName(name)} AS ${cast}) AS ${quoteName(name)}`);
  const [row] = await withinTime(transform, options.signal, (signal) =>
    withinMemory({
      duckdb,
      write: ({ rowGroupBytes }) =>
        duckdb.rows(
          `COPY (SELECT ${casts.join(", ")} FROM (\n${transform.sql}\n) landfall_result)
            TO ${quoteText(parquetPath)} (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE_BYTES ${rowGroupBytes})`,
          `apply the transform to ${schema.fields.length} columns`,
          signal,
        ),
    }),
  );
  return { rowsOut: Number(row!["Count"]), columns };
}

/** @throws TransformLimitError once the transform's time is over and its statement has stopped */
async function withinTime<T>(
  transform: SqlTransform,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  const { timeLimitMs } = transform;
  if (timeLimitMs === undefined) return work(signal);
  const limit = new AbortController();
  const late = (): void => limit.abort(tooSlow(transform, timeLimitMs));
  const timer = setTimeout(late, Math.min(timeLimitMs, LONGEST_TIMER_MS));
  try {
    return await work(signal === undefined ? limit.signal : AbortSignal.any([signal, limit.signal]));
  } finally {
    clearTimeout(timer);
  }
}

/** True for the error of a SELECT that names what nothing knows: other columns of `batch` may mend it. */
export function isUnbound(error: unknown): boolean {
  return isLandfallError(error, "TRANSFORM_INVALID") && isLandfallError(error.cause, "ENGINE_FAILED");
}

async function boundColumns({
  duckdb,
  transform,
  schema,
  signal,
}: ApplySelectOptions): Promise<(ResultColumn & { readonly cast: string })[]> {
  const found = await duckdb
    .described(transform.sql, "find the columns that the transform names", signal)
    .catch((error: unknown) => {
      if (!isLandfallError(error, "ENGINE_FAILED")) throw error;
      const { text, line } = readableError(error, transform);
      throw invalidTransform(
        transform,
        `cannot be read${line === undefined ? "" : ` (line ${line})`}: ${text}`,
        {
          hint: `Nothing was committed. ${columnsOf(schema)} A column that these files lack is there once schema.hints names it.`,
          cause: error,
        },
      );
    });
  const seen = new Set<string>();
  return found.map(({ name, type }) => {
    const stored = storedType(type);
    if ("fault" in stored) throw invalidTransform(transform, `gives a column ${name} that ${stored.fault}`);
    if (name.startsWith("unnest(")) throw namelessColumn(transform, name);
    if (seen.has(name.toLowerCase())) {
      throw invalidTransform(transform, `gives two columns the name ${name}`, {
        hint: "Nothing was committed. Give one of them another name with AS, or leave it out: SELECT * EXCLUDE (…).",
      });
    }
    seen.add(name.toLowerCase());
    return { name, type: String(type), cast: stored.cast };
  });
}

function columnsOf({ fields }: StructType): string {
  const names = fields.slice(0, NAMED).map((field) => field.name);
  const more = fields.length > NAMED ? ` and ${fields.length - NAMED} more` : "";
  return `\`${BATCH}\` has ${names.join(", ")}${more}.`;
}
