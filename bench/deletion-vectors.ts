/** A table of which a quarter of the rows is deleted by vectors, against the same rows without them; reading the vectors is in the time. */
import { mkdir, stat, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import type { Action, AddFile } from "../src/delta/actions.ts";
import { serializeCommit } from "../src/delta/commit-json.ts";
import { vectorFile } from "../src/delta/deletion-vector/write-deletion-vectors.ts";
import { encodeZ85 } from "../src/delta/deletion-vector/z85.ts";
import { commitKey } from "../src/delta/log-files.ts";
import { encodeVector } from "../test/support/encode-deletion-vector.ts";
import { type Bench, printsRows, scaled } from "./bench.ts";
import { kept, warm } from "./data.ts";
import { program } from "./paths.ts";
import { race, timeAgainst, type Contender } from "./race.ts";
import { SCAN_COLUMNS, SCAN_VALUES } from "./scan-columns.ts";
import { tableActions } from "./table-actions.ts";

const ROWS = 10_000_000;
const FILES = 8;
/** One row in so many is deleted. */
const DELETED = 4;
/** Of the time without vectors. */
const BAR = 4;

export const deletionVectors: Bench = {
  name: "deletion-vectors",
  run: async (options) => {
    // Of each four rows of a file one is deleted.
    const rowsOfFile = Math.max(DELETED, Math.round(scaled(options, ROWS) / FILES / DELETED) * DELETED);
    const rows = rowsOfFile * FILES;
    const folder = await tables(options.cache, rowsOfFile);
    for (const name of ["with", "without"]) await warm(join(folder, name));
    const [scanned, plain] = await race(
      [
        contender("landfall, with deletion vectors", join(folder, "with"), rows - rows / DELETED),
        contender("landfall, the same rows without", join(folder, "without"), rows),
      ],
      options,
    );
    return {
      name: "deletion-vectors",
      work: `${rows.toLocaleString("en")} rows of five columns in ${FILES} Parquet files, one in ${DELETED} deleted, into column batches; whole processes.`,
      figures: [
        timeAgainst("time, against the table without vectors", scanned!, plain!, BAR),
        { what: "peak memory, all processes", unit: "MB", ours: scanned!.peakBytes / 1e6 },
      ],
      notes: ["Both by `landfall/delta`: the log is read, the files are planned, vectors are loaded."],
    };
  },
};

function contender(name: string, table: string, rows: number): Contender {
  const command = program("scan-table-process.ts", table, String(availableParallelism()));
  return { name, command, check: printsRows(rows) };
}

/** Two tables of the same data files: `with` deletion vectors and `without`. */
function tables(cache: string, rowsOfFile: number): Promise<string> {
  return kept(cache, `deletion-vectors-${rowsOfFile}-in-${FILES}`, async (folder) => {
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    for (const name of ["with", "without"]) {
      const hasVectors = name === "with";
      const table = join(folder, name);
      await mkdir(join(table, "_delta_log"), { recursive: true });
      const adds: AddFile[] = [];
      for (let i = 0; i < FILES; i++) {
        const path = `${i}.parquet`;
        const values = `SELECT ${SCAN_VALUES} FROM range(${i * rowsOfFile}, ${(i + 1) * rowsOfFile})`;
        await connection.run(`COPY (${values}) TO '${join(table, path)}' (FORMAT parquet)`);
        adds.push({
          path,
          partitionValues: {},
          size: (await stat(join(table, path))).size,
          modificationTime: 0,
          dataChange: true,
          stats: JSON.stringify({ numRecords: rowsOfFile }),
        });
      }
      const actions = hasVectors
        ? await withVectors(table, { adds, rowsOfFile })
        : adds.map((add) => ({ add }));
      await writeFile(
        join(table, commitKey(0)),
        serializeCommit([...tableActions({ columns: SCAN_COLUMNS, hasVectors }), ...actions]),
      );
    }
    connection.closeSync();
    instance.closeSync();
  });
}

const VECTORS_ID = "00000000-0000-4000-8000-000000000001";

/** All vectors in one file, as a delete writes them. */
async function withVectors(
  table: string,
  { adds, rowsOfFile }: { readonly adds: readonly AddFile[]; readonly rowsOfFile: number },
): Promise<Action[]> {
  const cardinality = rowsOfFile / DELETED;
  const vectors = adds.map((_, file) =>
    encodeVector({
      rows: Array.from({ length: cardinality }, (_row, at) => at * DELETED + ((at + file) % DELETED)),
      kindOf: () => "plain",
    }),
  );
  const { bytes, offsets } = vectorFile(vectors);
  await writeFile(join(table, `deletion_vector_${VECTORS_ID}.bin`), bytes);
  return adds.map((add, i) => ({
    add: {
      ...add,
      deletionVector: {
        storageType: "u",
        pathOrInlineDv: encodeZ85(Buffer.from(VECTORS_ID.replaceAll("-", ""), "hex")),
        offset: offsets[i]!,
        sizeInBytes: vectors[i]!.length,
        cardinality,
      },
    },
  }));
}
