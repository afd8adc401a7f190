/**
 * A transform that is a person's module: the rows of the batch go through its process chunk by chunk, and what comes back is written
 * to Parquet. Rows go from DuckDB to the module and back as values, never as text that a cast would have to read.
 */
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { LandfallError, messageOf } from "../../base/landfall-error.ts";
import type { DataType, StructType } from "../../schema/data-type.ts";
import { readDdl } from "../../schema/ddl.ts";
import type { Duckdb } from "../duckdb.ts";
import { duckdbType, quoteName, quoteText } from "../sql.ts";
import { fromDuckdb, toDuckdb } from "./duckdb-values.ts";
import { ModuleChild, moduleInvalid, type ModuleTransform } from "./module-child.ts";
import type { FromModule, PlainColumns, ToModule } from "./module-messages.ts";
import { inPieces, PIECE_BYTES, PIECE_ROWS, weightOf } from "./pieces.ts";

export type { ModuleTransform } from "./module-child.ts";

export interface ApplyModuleOptions {
  /** Its session runs `select`; the rows of the answer wait in another session of the same instance. */
  readonly duckdb: Duckdb;
  readonly module: ModuleTransform;
  /** A SELECT whose columns and types are those of `schema`. */
  readonly select: string;
  readonly schema: StructType;
  /** Scratch, exists: where the module's own temporary files go. */
  readonly folder: string;
  readonly parquetPath: string;
  readonly signal: AbortSignal | undefined;
}

export interface AppliedModule {
  /** Rows that the module was given: all of `select`. */
  readonly rowsIn: number;
  /** Rows that it gave, which the Parquet file holds. */
  readonly rowsOut: number;
  readonly schema: StructType;
}

const TABLE = "landfall_module_rows";

/** The file is read once and right away: row groups need be no larger than little memory holds. */
const ROW_GROUP_BYTES = 16 * 1024 ** 2;

/**
 * The schema of a module's output: its export `columns`. Loads the module in a process of its own, within the module's limits.
 *
 * @throws LandfallError TRANSFORM_INVALID when it cannot be loaded or has not what it must export; TRANSFORM_FAILED when loading
 * it goes past a limit
 */
export async function moduleColumns(
  module: ModuleTransform,
  options: { readonly signal: AbortSignal | undefined },
): Promise<StructType> {
  await mustBeThere(module);
  const child = new ModuleChild(module, options);
  try {
    return await load(child, module);
  } finally {
    await child.end();
  }
}

/**
 * Runs the module over the rows of `select` and writes what it gives to `parquetPath`, one Parquet file, without rows if there
 * are none. Which rows come together in a chunk, and the order of both, are not promised. On failure there may be a file at
 * `parquetPath` that is not whole; the module's process is gone in every case.
 *
 * @throws LandfallError TRANSFORM_INVALID as `moduleColumns`, or for a batch that no module can be given; TRANSFORM_FAILED when the
 * module throws, gives what its columns cannot hold, or goes past a limit
 */
export async function applyModule(options: ApplyModuleOptions): Promise<AppliedModule> {
  const { duckdb, module, folder, signal } = options;
  refuseFields(module, options.schema, "the batch has");
  await mustBeThere(module);
  const child = new ModuleChild(module, { signal, temporaryFolder: folder });
  try {
    const schema = await load(child, module);
    const sink = await duckdb.another();
    try {
      await child.ask({ type: "begin", input: options.schema, output: schema });
      const { rowsIn, rowsOut } = await pour({ ...options, child, sink, output: schema });
      await writeOut({ ...options, sink, rowsOut });
      return { rowsIn, rowsOut, schema };
    } finally {
      sink.close();
    }
  } finally {
    await child.end();
  }
}

async function mustBeThere(module: ModuleTransform): Promise<void> {
  try {
    await access(module.path, constants.R_OK);
  } catch (error) {
    throw moduleInvalid(module, `cannot be read: ${messageOf(error)}`);
  }
}

async function load(child: ModuleChild, module: ModuleTransform): Promise<StructType> {
  const { columns } = (await child.ask({
    type: "load",
    path: module.path,
    parent: process.pid,
  })) as Extract<FromModule, { type: "loaded" }>;
  const reading = readDdl(columns);
  if (!reading.ok) {
    const { reason, hint } = reading.fault;
    throw moduleInvalid(
      module,
      `has an export "columns" that is no list of columns: ${[reason, hint ?? ""].join(". ").replace(/[. ]+$/, "")}`,
    );
  }
  refuseFields(module, reading.value, 'its export "columns" has');
  return reading.value;
}

/** Puts the rows through the module into a table of the sink. */
async function pour(
  options: ApplyModuleOptions & {
    readonly child: ModuleChild;
    readonly sink: Duckdb;
    readonly output: StructType;
  },
): Promise<Pick<AppliedModule, "rowsIn" | "rowsOut">> {
  const { child, sink, output, signal } = options;
  const columns = output.fields.map(({ name, type }) => `${quoteName(name)} ${duckdbType(type)}`);
  await sink.run(`CREATE TEMP TABLE ${TABLE} (${columns.join(", ")})`, "take a transform's rows", signal);
  const appender = await sink.appender(TABLE, "take a transform's rows");
  const makers = output.fields.map(({ type }) => toDuckdb(type));
  let rowsIn = 0;
  let rowsOut = 0;
  try {
    const chunks = oneAhead(batchPieces(options));
    const onGiven = (rows: number): void => void (rowsIn += rows);
    for await (const answer of oneAhead(answers(child, chunks, onGiven), () => child.end())) {
      rowsOut += answer[0]?.length ?? 0;
      appender.append(answer.map((column, i) => column.map(makers[i]!)));
    }
  } finally {
    appender.close();
  }
  return { rowsIn, rowsOut };
}

async function* answers(
  child: ModuleChild,
  chunks: AsyncIterable<PlainColumns>,
  onGiven: (rows: number) => void,
): AsyncGenerator<PlainColumns, void, void> {
  for await (const columns of chunks) {
    const rows = columns[0]!.length;
    onGiven(rows);
    let message: ToModule = { type: "chunk", rows, columns };
    for (let isLast = false; !isLast; message = { type: "more" }) {
      const reply = (await child.ask(message)) as Extract<FromModule, { type: "rows" }>;
      ({ isLast } = reply);
      yield reply.columns;
    }
  }
}

/** The rows of the batch in pieces of about 10,000, fewer where they are large. */
async function* batchPieces(options: ApplyModuleOptions): AsyncGenerator<PlainColumns, void, void> {
  const { duckdb, select, schema, signal } = options;
  const readers = schema.fields.map(({ type }) => fromDuckdb(type));
  let gathered: PlainColumns[] = [];
  let rows = 0;
  let weight = 0;
  for await (const chunk of duckdb.chunks(select, "read the rows for a transform", signal)) {
    const columns = chunk.map((column, i) => column.map(readers[i]!));
    gathered.push(columns);
    rows += columns[0]!.length;
    weight += weightOf(columns);
    if (rows < PIECE_ROWS && weight < PIECE_BYTES) continue;
    yield* inPieces(joined(gathered));
    gathered = [];
    rows = 0;
    weight = 0;
  }
  if (rows > 0) yield* inPieces(joined(gathered));
}

function joined(parts: readonly PlainColumns[]): PlainColumns {
  return parts[0]!.map((_, i) => parts.flatMap((part) => part[i]!));
}

/**
 * The same items; while one is worked on, the next is made.
 *
 * @param stop called when nobody wants the rest, so that what makes the next item does not take its time
 */
async function* oneAhead<T>(
  items: AsyncGenerator<T, void, void>,
  stop: () => Promise<void> = async () => {},
): AsyncGenerator<T, void, void> {
  let next = items.next();
  let isDone = false;
  try {
    for (;;) {
      const current = await next;
      if (current.done === true) {
        isDone = true;
        return;
      }
      next = items.next();
      // Whoever stops early does not look at it.
      next.catch(() => {});
      yield current.value;
    }
  } finally {
    if (!isDone) await stop();
    await next.catch(() => {});
    await items.return();
  }
}

async function writeOut(
  options: ApplyModuleOptions & { readonly sink: Duckdb; readonly rowsOut: number },
): Promise<void> {
  const { sink, rowsOut, parquetPath, signal } = options;
  const [written] = await sink.rows(
    `COPY (SELECT * FROM ${TABLE}) TO ${quoteText(parquetPath)} (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE_BYTES ${ROW_GROUP_BYTES})`,
    "write a transform's rows",
    signal,
  );
  const count = Number(written!["Count"]);
  if (count === rowsOut) return;
  throw new LandfallError("COUNTS_DO_NOT_CLOSE", {
    message: `The transform ${options.module.name} gave ${rowsOut} rows and the engine wrote ${count}.`,
    hint: "Nothing was committed. This is a fault of Landfall: please report it.",
  });
}

/** Neither DuckDB's binding nor an object of JavaScript's holds a field of that name like others. */
function refuseFields(module: ModuleTransform, type: DataType, whose: string): void {
  const inside = (type: DataType): boolean => {
    if (typeof type === "string") return false;
    if (type.type === "array") return inside(type.elementType);
    if (type.type === "map") return inside(type.keyType) || inside(type.valueType);
    return type.fields.some((field) => field.name === "__proto__" || inside(field.type));
  };
  const columns = (type as StructType).fields.filter((field) => inside(field.type));
  if (columns.length > 0)
    throw moduleInvalid(
      module,
      `cannot be used: in column ${columns[0]!.name} ${whose} a field "__proto__", which no object can hold`,
    );
}
