/** What the log says of a table's files, as a temporary table: partition values and deleted rows by the file's place. */
import { LandfallError } from "../base/landfall-error.ts";
import type { QueryTable } from "./engine.ts";
import type { SqlSession } from "./parquet-shape.ts";
import { physicalNameOf } from "../schema/physical-column.ts";
import { duckdbType, pathsArgument, quoteName, quoteText } from "./sql.ts";

type TableFile = QueryTable["files"][number];

/** Rows of one statement, as far as they are short. */
const AT_ONCE = 500;

/**
 * Columns: `i` the place in `order`, `file` that in the table's files, `p0`, `p1`, … the partition columns, `bits` the deleted rows. Undefined where the
 * files need none of it: they come in their own order then.
 *
 * @param order the files' paths in the order of their places
 * @throws LandfallError TABLE_DATA_CORRUPT for a deletion vector that speaks of rows which its file has not
 */
export async function fileTable(
  table: QueryTable,
  order: readonly string[],
  session: SqlSession,
): Promise<{ readonly name: string; readonly hasVectors: boolean } | undefined> {
  const { partitionColumns, files, schema, columnMapping = "none" } = table;
  const hasVectors = files.some((file) => vectorOf(file) !== undefined);
  const isInOrder = order.every((path, i) => files[i]!.path === path);
  const needsPlaces = table.places !== undefined && !isInOrder;
  if (partitionColumns.length === 0 && !hasVectors && !needsPlaces) return undefined;
  const fields = partitionColumns.map((column) => {
    const field = schema.fields.find(({ name }) => name === column);
    if (field !== undefined) return { ...field, physical: physicalNameOf(field, columnMapping) };
    throw new LandfallError("TABLE_LOG_CORRUPT", {
      message: `The table is partitioned by ${column}, which is none of its columns.`,
      hint: "Find out which program wrote the last metaData action of the table.",
    });
  });
  const name = quoteName(`landfall files of ${table.name}`);
  const columns = fields.map((field, i) => `p${i} ${duckdbType(field.type)}, `).join("");
  await session.run(`CREATE OR REPLACE TEMP TABLE ${name} (i BIGINT, file BIGINT, ${columns}bits BIT)`);
  const rowsOf = await rowsOfFiles(
    files.filter((file) => vectorOf(file) !== undefined),
    session,
  );
  const byPath = Map.groupBy(files.entries(), ([, file]) => file.path);
  const short: string[] = [];
  const flush = async (): Promise<void> => {
    if (short.length > 0) await session.run(`INSERT INTO ${name} VALUES ${short.splice(0).join(", ")}`);
  };
  for (const [place, path] of order.entries()) {
    const [at, file] = byPath.get(path)!.shift()!;
    const values = fields.map(({ type, physical }) =>
      literal(file.partitionValues[physical], type === "binary"),
    );
    const vector = vectorOf(file);
    const bits = vector === undefined ? "NULL" : bitsSql(file, vector, rowsOf);
    short.push(`(${[place, at, ...values, bits].join(", ")})`);
    if (short.length === AT_ONCE || vector !== undefined) await flush();
  }
  await flush();
  return { name, hasVectors };
}

function vectorOf({ kept, deleted }: TableFile): Uint8Array | undefined {
  return kept ?? deleted;
}

/** "" is null for every type (PROTOCOL.md, "Partition Value Serialization"). */
function literal(text: string | null | undefined, isBinary: boolean): string {
  if (text === null || text === undefined || text === "") return "NULL";
  // A NUL would end the statement.
  const value = quoteText(text).replaceAll("\0", "' || chr(0) || '");
  return isBinary ? `encode(${value})` : value;
}

async function rowsOfFiles(
  files: readonly TableFile[],
  session: SqlSession,
): Promise<ReadonlyMap<string, number>> {
  if (files.length === 0) return new Map();
  const paths = [...new Set(files.map((file) => file.path))];
  const rows = await session.rows(
    `SELECT file_name, num_rows FROM parquet_file_metadata(${pathsArgument(paths)})`,
  );
  return new Map(rows.map((row) => [String(row["file_name"]), Number(row["num_rows"])]));
}

/** A bit for each row of the file, so that none is asked for beyond the last. */
function bitsSql({ path, kept }: TableFile, vector: Uint8Array, rowsOf: ReadonlyMap<string, number>): string {
  const rows = rowsOf.get(path) ?? 0;
  const needed = Math.ceil(rows / 8);
  const beyond =
    vector.length > needed || ((vector[needed - 1] ?? 0) & (255 >> (((rows + 7) % 8) + 1))) !== 0;
  if (beyond) {
    throw new LandfallError("TABLE_DATA_CORRUPT", {
      message: `The deletion vector of the data file ${path} deletes rows beyond the ${rows} that the file has.`,
      hint: "The file or its vector is not the one that the log means: restore both from a backup.",
      file: path,
    });
  }
  // No row, no bit: and a BIT of none cannot be.
  if (rows === 0) return "NULL";
  const whole = new Uint8Array(needed);
  whole.set(vector);
  if (kept !== undefined) for (let i = 0; i < needed; i++) whole[i]! ^= 255;
  return `CAST(from_base64('${Buffer.from(whole).toString("base64")}') AS BIT)`;
}
