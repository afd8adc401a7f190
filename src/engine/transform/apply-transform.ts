/** Calls a person's function with one chunk and checks its answer. Runs in the module's process. */
import { inspect } from "node:util";
import { nearest } from "../../base/nearest.ts";
import type { StructType } from "../../schema/data-type.ts";
import { formatDdlType } from "../../schema/format-ddl.ts";
import { giver } from "./give-values.ts";
import { isPlainObject } from "./is-plain-object.ts";
import { Misfit } from "./misfit.ts";
import type { PlainColumns } from "./module-messages.ts";
import { inPieces } from "./pieces.ts";
import { taker } from "./take-values.ts";
import { thrownText } from "./thrown-text.ts";
import type { Chunk, Transform, Value } from "./transform.ts";

/** `why` ends a sentence that begins with the module's name. */
export type AppliedTransform = (chunk: {
  readonly rows: number;
  readonly columns: PlainColumns;
}) => Promise<{ readonly pieces: Iterator<PlainColumns, void, void> } | { readonly why: string }>;

/** What is wrong with a call, as the end of a sentence that begins with the module's name. */
class CallFailed extends Error {}

export function applyTransform(options: {
  readonly transform: Transform;
  readonly path: string;
  readonly input: StructType;
  readonly output: StructType;
}): AppliedTransform {
  const { transform, path, input, output } = options;
  const give = chunkGiver(input);
  const take = answerTaker(output);
  return async (chunk) => {
    try {
      const given = give(chunk);
      let answer: unknown;
      try {
        answer = await transform(given);
      } catch (error) {
        throw new CallFailed(`threw ${thrownText(error, path)}`);
      }
      return { pieces: inPieces(take(answer)) };
    } catch (error) {
      if (error instanceof CallFailed) return { why: error.message };
      // A getter or a proxy of the answer.
      return { why: `threw while its answer was read: ${thrownText(error, path)}` };
    }
  };
}

function chunkGiver(
  schema: StructType,
): (chunk: { readonly rows: number; readonly columns: PlainColumns }) => Chunk {
  const givers = schema.fields.map((field) => ({ field, give: giver(field.type) }));
  return ({ rows, columns }) => {
    const given = Object.create(null) as Record<string, readonly Value[]>;
    for (const [i, { field, give }] of givers.entries())
      given[field.name] = eachRow(rows, {
        row: (row) => give(columns[i]![row]!),
        told: (row, { reason }) => `cannot be given column ${field.name}, row ${row} of a chunk: ${reason}`,
      });
    return { rows, columns: given };
  };
}

function answerTaker(schema: StructType): (answer: unknown) => PlainColumns {
  const names = schema.fields.map(({ name }) => name);
  const takers = schema.fields.map((field) => ({ field, take: taker(field.type, field.nullable) }));
  return (answer) => {
    const columns = answeredColumns(answer, names);
    const rows = rowsOf(columns);
    return takers.map(({ field, take }) => {
      const values = columns.get(field.name);
      return eachRow(rows, {
        row: (row) => take(values?.[row]),
        told: (row, misfit) =>
          `gave for column ${field.name}, row ${row} of its answer, ${shown(misfit.value)}${misfit.path === "" ? "" : ` at ${misfit.path}`}, ` +
          `which ${formatDdlType(field.type)} does not hold: ${misfit.reason}`,
      });
    });
  };
}

function answeredColumns(answer: unknown, names: readonly string[]): ReadonlyMap<string, readonly unknown[]> {
  if (!isPlainObject(answer))
    throw new CallFailed(`gave ${shown(answer)} instead of a plain object with one array for each column`);
  const columns = new Map<string, readonly unknown[]>();
  for (const [name, values] of Object.entries(answer)) {
    if (!names.includes(name)) {
      const near = nearest(name, names);
      throw new CallFailed(
        `gave a column ${JSON.stringify(name)} that its export "columns" does not have${near === undefined ? "" : `; did it mean ${JSON.stringify(near)}?`}`,
      );
    }
    if (values === undefined || values === null) continue;
    if (!Array.isArray(values))
      throw new CallFailed(`gave ${shown(values)} for column ${name} instead of an array of its values`);
    columns.set(name, values as readonly unknown[]);
  }
  return columns;
}

function rowsOf(columns: ReadonlyMap<string, readonly unknown[]>): number {
  const [first, ...others] = columns;
  const other = others.find(([, values]) => values.length !== first![1].length);
  if (other !== undefined)
    throw new CallFailed(
      `gave ${first![1].length} values for column ${first![0]} and ${other[1].length} for column ${other[0]}`,
    );
  return first?.[1].length ?? 0;
}

/** The values of a column; `told` makes the end of a sentence for one that does not fit. */
function eachRow<T>(
  rows: number,
  column: {
    readonly row: (row: number) => T;
    readonly told: (row: number, misfit: Misfit) => string;
  },
): T[] {
  const values: T[] = [];
  try {
    for (let row = 0; row < rows; row++) values.push(column.row(row));
  } catch (error) {
    if (error instanceof Misfit) throw new CallFailed(column.told(values.length, error));
    throw error;
  }
  return values;
}

const LONGEST_VALUE = 200;

/** A value for a message; never runs code of the value. */
function shown(value: unknown): string {
  const text = inspect(value, {
    depth: 1,
    breakLength: Infinity,
    compact: true,
    customInspect: false,
    getters: false,
    maxArrayLength: 10,
    maxStringLength: LONGEST_VALUE,
  }).replaceAll("\n", " ");
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}
