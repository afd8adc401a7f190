/**
 * Damaged tables: bits flipped, files cut, blocks lost, doubled and swapped, in commits, checkpoints of all kinds, sidecars, deletion
 * vectors, Parquet footers and pages. Reading one, whole and with a condition, ends in an error that names the file, or in exactly the right
 * rows: by `landfall/delta`, and of some tables by a query. Where only the log is damaged, most reads end with the plan of the scan: the same
 * columns, files, vectors and statistics over sound data files give the same rows; with any other plan the rows are read.
 *
 * What no reader can promise: JSON and Parquet have no checksum of their values. A commit whose lines are still whole JSON, or a Parquet
 * file that still reads as one, but says something else than before, is believed; such cases are counted apart, and only where the
 * damaged file by itself reads without an error. Deletion vectors have checksums: nothing is believed there. `_last_checkpoint` and the
 * checksum files are hints: whatever they say, the rows are the right ones.
 *
 * LANDFALL_SEED repeats a run, LANDFALL_FUZZ_CASES says how many; a single case by `LANDFALL_SEED=SEED LANDFALL_FUZZ_CASES=1`.
 */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, test } from "node:test";

import { isLandfallError, messageOf } from "../../src/base/landfall-error.ts";
import { childEngine } from "../../src/engine/child-engine.ts";
import { seededRandom, type SeededRandom } from "../../src/operate/prove/seeded-random.ts";
import { openToRead } from "../../src/table/open-table.ts";
import type { CanonicalRow } from "../support/canonical-rows.ts";
import { refusalOf, type NamedType } from "../support/canonical-values.ts";
import { damaged } from "../support/damage.ts";
import { plannedScan, type PlannedScan } from "../support/planned-scan.ts";
import { filesByKind, OF_THE_LOG, rangeOf } from "../support/files-by-kind.ts";
import { queriedRows } from "../support/queried-rows.ts";
import { randomCondition, type RandomCondition } from "../support/random-condition.ts";
import { readByLibrary, scannedRows } from "../support/read-by-library.ts";
import { writeSmallTables } from "../support/small-tables.ts";
import { tableOfEngine } from "../support/table-of-engine.ts";
import { tally } from "../support/tally.ts";

const CASES = Number(process.env["LANDFALL_FUZZ_CASES"] ?? 5000);
const seed = Number(process.env["LANDFALL_SEED"] ?? Date.now() % 1_000_000_007);
/** Cases at a time. */
const LANES = 3;
const HANG_MS = 60_000;
const MOST_TOLD = 40;
const MOST_GROWTH = 600 * 1024 ** 2;

const folder = mkdtempSync(join(tmpdir(), "landfall-damaged-"));
const engine = childEngine({
  memoryBytes: 256 * 1024 ** 2,
  threads: 1,
  spillFolder: join(folder, "spill"),
  spillBytes: 1024 ** 3,
  onOutput: () => undefined,
});
after(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

interface SmallTable {
  readonly name: string;
  readonly fields: readonly NamedType[];
  readonly rows: readonly CanonicalRow[];
  /** Relative to the table, with the kind of damage that is meant for each. */
  readonly files: ReadonlyMap<string, readonly string[]>;
  readonly plan: PlannedScan;
}

test(`${CASES} damaged tables, seed ${seed}`, { timeout: 3_600_000 }, async (t) => {
  const outcomes = tally();
  const wrong: string[] = [];
  const lanes = await Promise.all(
    Array.from({ length: LANES }, (_, lane) => openLane(join(folder, `lane-${lane}`))),
  );
  const before = process.resourceUsage().maxRSS;
  await Promise.all(
    lanes.map(async (lane, at) => {
      for (let number = at; number < CASES; number += LANES) {
        try {
          outcomes.count(...(await lane(seed + number)));
        } catch (error) {
          wrong.push(messageOf(error));
        }
      }
    }),
  );
  for (const line of outcomes.lines()) t.diagnostic(line);
  assert.equal(wrong.length, 0, `${wrong.length} cases went wrong:\n${wrong.slice(0, MOST_TOLD).join("\n")}`);
  assert.ok(
    (process.resourceUsage().maxRSS - before) * 1024 < MOST_GROWTH,
    "the caller's memory stays small",
  );
  if (CASES >= 100) assert.ok(outcomes.of("right rows") > 0 && outcomes.of("an error") > 0);
});

type Outcome = readonly [kind: string, reason: string];

/** Tables of its own, damaged and mended one after another. */
async function openLane(home: string): Promise<(own: number) => Promise<Outcome>> {
  mkdirSync(join(home, "scratch"), { recursive: true });
  const names = await writeSmallTables(home, engine);
  const tables: SmallTable[] = [];
  for (const name of names) {
    try {
      const place = join(home, name);
      const { fields, rows } = await readByLibrary(sharedTable(place, home));
      tables.push({ name, fields, rows, files: filesByKind(place), plan: await planOf(place, home) });
    } catch (error) {
      // What we do not read at all has no right rows.
      if (refusalOf(error) === undefined) throw error;
    }
  }
  return async (own) => {
    const random = seededRandom(own);
    const table = random.pick(tables);
    const kind = random.pick([...table.files.keys()]);
    const file = random.pick(table.files.get(kind)!);
    // Under a name that nobody has seen: what an engine may remember of a file is of its path.
    const place = join(home, `case-${own}`);
    renameSync(join(home, table.name), place);
    const sound = readFileSync(join(place, file));
    try {
      return await judge({ own, random, table, kind, file, place, sound, home });
    } finally {
      writeFileSync(join(place, file), sound);
      renameSync(place, join(home, table.name));
    }
  };
}

async function judge(options: {
  readonly own: number;
  readonly random: SeededRandom;
  readonly table: SmallTable;
  readonly kind: string;
  readonly file: string;
  readonly place: string;
  readonly sound: Buffer;
  readonly home: string;
}): Promise<Outcome> {
  const { own, random, table, kind, file, place, sound, home } = options;
  const { bytes, what } = damaged(sound, random, rangeOf(kind, sound));
  const where = `${table.name}, ${file}: ${what} (LANDFALL_SEED=${own} LANDFALL_FUZZ_CASES=1)`;
  const condition = randomCondition({ random, fields: table.fields, rows: table.rows });
  const by = readerOf(own, kind);
  writeFileSync(join(place, file), bytes);
  let reading: Reading;
  try {
    if (by === "plan" && isSame(await inTime(planOf(place, home)), table.plan))
      return ["right rows", `${kind}, by the same plan`];
    reading = await inTime(readBy({ place, home, fields: table.fields, condition, by }));
  } catch (error) {
    assert.ok(
      isLandfallError(error),
      `${where}: ${error instanceof Error ? (error.stack ?? "") : String(error)}`,
    );
    assert.ok(!["INTERNAL", "ENGINE_DIED"].includes(error.code), `${where}: ${error.code}: ${error.message}`);
    assert.ok(kind !== "hint", `${where}: a hint must not stop a read: ${error.message}`);
    const told = `${error.message} ${JSON.stringify(error.subject)}`;
    if (!names(told, file) && !(await isSound({ kind, path: join(place, file), bytes, home })))
      assert.fail(`${where}: the error does not name the file: ${error.code}: ${told}`);
    return [`an error`, `${kind}: ${error.code}`];
  }
  const { rows, kept } = reading;
  const wanted = table.rows.filter((row) => condition?.of(row) === true);
  const isKept = kept === undefined || isSame(kept, wanted);
  if (isSame(rows, table.rows) && isKept) return ["right rows", kind];
  const believed =
    kind !== "vector" && kind !== "hint" && (await isSound({ kind, path: join(place, file), bytes, home }));
  assert.ok(
    believed,
    `${where}: wrong rows: ${rows.length} where ${table.rows.length} are right; ${kept?.length} of ${wanted.length} where ${condition?.sql}`,
  );
  return ["believed: the damaged file says something else", kind];
}

type Reader = "openTable" | "shared engine" | "query" | "plan";

/** A process of its own is started for few. */
function readerOf(own: number, kind: string): Reader {
  if (own % 100 === 0) return "openTable";
  if (OF_THE_LOG.has(kind) && own % 5 !== 0) return "plan";
  return own % 4 === 1 ? "query" : "shared engine";
}

interface Reading {
  readonly rows: readonly CanonicalRow[];
  /** By the condition; a query has none. */
  readonly kept?: readonly CanonicalRow[];
}

/** @throws Error for what hangs */
async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const hang = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${HANG_MS} ms`)), HANG_MS);
  });
  try {
    return await Promise.race([work, hang]);
  } finally {
    clearTimeout(timer);
  }
}

async function readBy(options: {
  readonly place: string;
  readonly home: string;
  readonly fields: readonly NamedType[];
  readonly condition: RandomCondition | undefined;
  readonly by: Reader;
}): Promise<Reading> {
  const { place, home, fields, condition, by } = options;
  if (by === "query") {
    const scratchFolder = join(home, "scratch");
    return { rows: await queriedRows({ table: place, fields, engine, scratchFolder }) };
  }
  const opened = by === "openTable" ? openToRead(place, { memory: "256m", threads: 1 }).table : undefined;
  try {
    const { snapshot, rows } = await readByLibrary(opened ?? sharedTable(place, home));
    if (condition === undefined) return { rows };
    return { rows, kept: await scannedRows(snapshot, { where: condition.sql }) };
  } finally {
    await opened?.close();
  }
}

function planOf(place: string, home: string): Promise<PlannedScan> {
  return plannedScan({ table: place, engine, scratchFolder: join(home, "scratch") });
}

function sharedTable(place: string, home: string): ReturnType<typeof tableOfEngine> {
  return tableOfEngine({ table: place, engine, scratchFolder: join(home, "scratch") });
}

/** A commit also by its version. */
function names(told: string, file: string): boolean {
  const name = basename(file);
  const commit = /^(\d{20})\.json$/.exec(name);
  return (
    told.includes(name) || (commit !== null && new RegExp(`version"?:? ?${Number(commit[1])}\\b`).test(told))
  );
}

/** Whether the damaged file is a sound one by itself, so that nobody can tell. */
async function isSound(options: {
  readonly kind: string;
  readonly path: string;
  readonly bytes: Buffer;
  readonly home: string;
}): Promise<boolean> {
  const { path, bytes, home } = options;
  try {
    if (path.endsWith(".parquet")) {
      await engine.toJsonLines({ parquetPath: path, jsonPath: join(home, "scratch", "sound.json") });
      return true;
    }
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const lines = text.split("\n").filter((line) => line.trim() !== "");
    return lines.every((line) => typeof JSON.parse(line) === "object");
  } catch (error) {
    assert.ok(messageOf(error) !== "");
    return false;
  }
}

function isSame(one: unknown, other: unknown): boolean {
  try {
    assert.deepEqual(one, other);
    return true;
  } catch {
    return false;
  }
}
