/**
 * Each operation by each writer on each kind of table, read by each reader, has the rows of a plain model, or is refused as it always was:
 * the results that docs/support-matrix.md shows. LANDFALL_MATRIX_CASES and LANDFALL_SEED draw so many of all. `LANDFALL_MATRIX=write` writes what
 * was found in the place of what is known (test/judges/matrix/results.json), from which `node tools/docs.ts` then writes the page.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { seededRandom } from "../../src/operate/prove/seeded-random.ts";
import { canonicalRowsIn } from "../support/canonical-columns.ts";
import { sortRows } from "../support/canonical-rows.ts";
import { checkedFolder } from "../support/checked-folder.ts";
import { judgeMissing, startJudge, type Judge, type JudgeRows } from "../support/judge.ts";
import { testEngine } from "../support/test-engine.ts";
import { COMPUTED_OPERATIONS } from "./matrix/computed-operations.ts";
import {
  WRITERS,
  type ByWriter,
  type MatrixOperation,
  type MatrixWriter,
  type Rows,
} from "./matrix/matrix-operation.ts";
import {
  EQUAL,
  knownResults,
  READERS,
  writeResults,
  type MatrixReader,
  type MatrixResult,
} from "./matrix/matrix-results.ts";
import {
  KIND_NAMES,
  matrixTables,
  ROWS,
  TABLE_KINDS,
  type MatrixTables,
  type TableKind,
} from "./matrix/matrix-tables.ts";
import { whatWasNamed } from "./matrix/what-was-named.ts";
import { ROW_OPERATIONS } from "./matrix/row-operations.ts";
import { SCHEMA_OPERATIONS } from "./matrix/schema-operations.ts";
import { UPKEEP_OPERATIONS } from "./matrix/upkeep-operations.ts";

const OPERATIONS = [...ROW_OPERATIONS, ...SCHEMA_OPERATIONS, ...COMPUTED_OPERATIONS, ...UPKEEP_OPERATIONS];
const ALL: readonly Pair[] = OPERATIONS.flatMap((operation) =>
  (operation.kinds ?? KIND_NAMES).map((kind) => ({ operation, kind })),
);
const WRITES = process.env["LANDFALL_MATRIX"] === "write";
const CASES = WRITES ? ALL.length : Number(process.env["LANDFALL_MATRIX_CASES"] ?? ALL.length);
const SEED = Number(process.env["LANDFALL_SEED"] ?? Date.now() % 1_000_000_007);
const engine = testEngine();

interface Pair {
  readonly operation: MatrixOperation;
  readonly kind: TableKind;
}

interface Cell extends Pair {
  readonly writer: MatrixWriter;
}

interface Written extends Cell {
  readonly place: string;
}

/** Rows that are not those of the model. */
interface Other {
  readonly what: string;
  readonly rows: Rows;
  readonly expected: Rows;
}

type Judges = Readonly<Record<"Spark" | "delta-rs" | "chdb", Judge>>;

test(
  `operations, writers and readers: ${CASES} of ${ALL.length}, seed ${SEED}`,
  { skip: judgeMissing("spark", "delta-rs", "chdb") },
  async (t) => {
    const tables = matrixTables({ folder: checkedFolder(t), engine });
    const judges: Judges = {
      Spark: startJudge("spark", t),
      "delta-rs": startJudge("delta-rs", t),
      chdb: startJudge("chdb", t),
    };
    const cells = drawnPairs().flatMap((pair) => WRITERS.map((writer) => ({ ...pair, writer })));
    const ends: (Written | { readonly not: string })[] = [];
    for (const cell of cells) ends.push(await write(cell, { tables, judges }));
    const readBySpark = await sparkRows(
      ends.filter((end) => "place" in end),
      { spark: judges.Spark, onRefused: (message) => t.diagnostic(message) },
    );
    const results: MatrixResult[] = [];
    const others: Other[] = [];
    for (const [i, { operation, kind, writer }] of cells.entries()) {
      const end = ends[i]!;
      const readers =
        "not" in end ? end : { readers: await readersOf(end, { tables, judges, readBySpark, others }) };
      results.push({ operation: operation.name, table: kind, writer, ...readers });
    }
    if (WRITES) writeResults(results);
    for (const { what, rows, expected } of others) assert.deepEqual(rows, expected, what);
    // Results tell of refusals, and of nothing else: we and Spark read whatever was written, and can do all of it.
    for (const { not, readers, ...of } of results) {
      assert.ok(of.writer === "delta-rs" || not === undefined, `${JSON.stringify(of)}: ${not}`);
      for (const reader of ["Landfall", "Spark"] as const)
        assert.equal(readers?.[reader] ?? EQUAL, EQUAL, `${reader}: ${JSON.stringify(of)}`);
    }
    const known = new Map(knownResults().map((result) => [keyOf(result), result]));
    for (const result of results) assert.deepEqual(result, known.get(keyOf(result)));
    if (results.length === ALL.length * WRITERS.length) assert.equal(known.size, results.length);
  },
);

/** So many of all as are asked for, in their order. */
function drawnPairs(): readonly Pair[] {
  const random = seededRandom(SEED);
  const order = ALL.map((pair) => ({ pair, at: random.below(1_000_000_000) })).sort(
    (one, other) => one.at - other.at,
  );
  const drawn = new Set(order.slice(0, CASES).map(({ pair }) => pair));
  return ALL.filter((pair) => drawn.has(pair));
}

function keyOf({ operation, table, writer }: MatrixResult): string {
  return JSON.stringify([operation, table, writer]);
}

async function write(
  cell: Cell,
  { tables, judges }: { readonly tables: MatrixTables; readonly judges: Judges },
): Promise<Written | { readonly not: string }> {
  const { operation, kind, writer } = cell;
  const { name, options, isNew, by, refused, check } = operation;
  if (by[writer] === undefined) return { not: "none" };
  const place = await tables.copyOf({ name: `${name} ${writer}`, kind, options, isNew });
  const table = tables.open(place);
  const to = { place, properties: TABLE_KINDS[kind] };
  const carryOut = async (asked: ByWriter): Promise<void> => {
    if (writer === "Landfall") await asked.Landfall(table, to);
    else {
      const requests = writer === "Spark" ? asked.Spark(`delta.\`${place}\``, to) : asked["delta-rs"]!(to);
      for (const request of requests) {
        const settings = { ...sparkSettings(kind), ...(request["settings"] as object | undefined) };
        await judges[writer].request({ ...request, table: place, settings });
      }
    }
  };
  try {
    await carryOut(by);
  } catch (error) {
    if (writer === "Landfall") throw new Error(`${name}, ${kind}`, { cause: error });
    return { not: whatWasNamed(error) };
  }
  if (refused !== undefined) await assert.rejects(carryOut(refused), `${name}, ${kind}, ${writer}`);
  await check?.({ table: tables.open(place), ...to });
  return { ...cell, place };
}

/** By their places: rows, or why Spark refuses the table. Those of a kind at once, which is much cheaper, and one by one where that fails. */
async function sparkRows(
  written: readonly Written[],
  { spark, onRefused }: { readonly spark: Judge; readonly onRefused: (message: string) => void },
): Promise<ReadonlyMap<string, Rows | Error>> {
  const found = new Map<string, Rows | Error>();
  for (const kind of KIND_NAMES) {
    const places = written.filter((one) => one.kind === kind).map(({ place }) => place);
    if (places.length === 0) continue;
    try {
      const { tables } = await spark.request<{ readonly tables: readonly Pick<JudgeRows, "rows">[] }>({
        op: "readAll",
        tables: places,
        settings: sparkSettings(kind),
      });
      for (const [i, { rows }] of tables.entries()) found.set(places[i]!, rows);
    } catch (error) {
      onRefused(`tables of the kind ${kind} one by one: ${(error as Error).message.slice(0, 200)}`);
      for (const table of places)
        found.set(
          table,
          await spark.request({ op: "read", table }).then(
            ({ rows }) => rows,
            (error: Error) => error,
          ),
        );
    }
  }
  return found;
}

/** Spark finds rows that are marked as deleted only in files that it looks for by their statistics, which costs it most over small tables. */
function sparkSettings(kind: TableKind): Readonly<Record<string, string>> {
  return kind === "deletion vectors" ? { "spark.databricks.delta.stats.skipping": "true" } : {};
}

async function readersOf(
  { operation, kind, writer, place }: Written,
  using: {
    readonly tables: MatrixTables;
    readonly judges: Judges;
    readonly others: Other[];
    readonly readBySpark: ReadonlyMap<string, Rows | Error>;
  },
): Promise<Record<MatrixReader, string>> {
  const { compared = (rows: Rows) => rows, after, name } = operation;
  const expected = sortRows(after(ROWS));
  const judged = async (judge: Judge): Promise<Rows> =>
    (await judge.request({ op: "read", table: place })).rows;
  const by: Readonly<Record<MatrixReader, () => Promise<Rows>>> = {
    Landfall: async () => canonicalRowsIn((await using.tables.open(place).snapshot()).scan()),
    Spark: () => {
      const rows = using.readBySpark.get(place)!;
      return rows instanceof Error ? Promise.reject(rows) : Promise.resolve(rows);
    },
    "delta-rs": () => judged(using.judges["delta-rs"]),
    chdb: () => judged(using.judges.chdb),
  };
  const found: Partial<Record<MatrixReader, string>> = {};
  for (const reader of READERS) {
    let rows: Rows;
    try {
      rows = sortRows(compared(await by[reader]()));
    } catch (error) {
      found[reader] = whatWasNamed(error);
      continue;
    }
    found[reader] = EQUAL;
    if (isDeepStrictEqual(rows, expected)) continue;
    using.others.push({ what: `${name}, ${kind}, by ${writer}, read by ${reader}`, rows, expected });
  }
  return found as Record<MatrixReader, string>;
}
