/** A source with a million files that are known, a hundred new ones, and one of the old overwritten. */
import { cp } from "node:fs/promises";
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type Bench, type BenchOptions, documentOf, expectCount, freshTable, scaled } from "./bench.ts";
import { kept } from "./data.ts";
import { measureProcess, type ProcessRun } from "./measure-process.ts";
import { landfall } from "./paths.ts";
import { race } from "./race.ts";
import type { BenchReport } from "./report.ts";

const FILES = 1_000_000;
const FILES_A_FOLDER = 1000;
const NEW_FILES = 100;
const KEY_LENGTH = 60;

export const knownFiles: Bench = { name: "known-files", run: runKnownFiles };

async function runKnownFiles(options: BenchOptions): Promise<BenchReport> {
  const files = scaled(options, FILES, FILES_A_FOLDER);
  const source = await knownSource(options, files);
  const baseline = await knownTable(options, source, files);
  addAndOverwrite(source, files);
  const table = freshTable(options, "landfall");
  const [run] = await race(
    [
      {
        name: "landfall",
        command: landfall("ingest", source, table.path, "--json"),
        before: async () => {
          await table.empty();
          await cp(baseline, table.path, { recursive: true });
          lookAtAll(source);
        },
        check: checkRun,
      },
    ],
    options,
  );
  const perFile = ledgerBytes(table.path) / (files + NEW_FILES);
  return {
    name: knownFiles.name,
    work: `${files.toLocaleString("en")} files known in folders of ${FILES_A_FOLDER.toLocaleString("en")}, ${NEW_FILES} new, one of the old overwritten.`,
    figures: [
      { what: "time", unit: "s", ours: run!.seconds, bar: 10 },
      { what: "peak memory, all processes", unit: "MB", ours: run!.peakBytes / 1e6, bar: 400 },
      { what: "ledger, a file", unit: "B", ours: perFile, bar: 200 },
    ],
    stages: documentOf(run!.typical, { code: 1 }).stages,
    notes: [
      "The known files are files of one row that Landfall had read, in batches of 50,000; each run starts from a copy of that table.",
      `Keys have ${KEY_LENGTH} bytes; the ledger is measured after its write-ahead log has been folded in. The folders' entries are in memory.`,
      "The overwritten file counts as skipped, with exit code 1, or the bench fails.",
    ],
  };
}

/** @throws Error when not exactly the new files were read, or the overwritten one went unnoticed */
function checkRun(run: ProcessRun): void {
  const document = documentOf(run, { code: 1 });
  expectCount("committed files", document.files.committed, NEW_FILES);
  expectCount("skipped files", document.files.skipped, 1);
}

/** A key of `KEY_LENGTH` bytes. */
export function knownKey(ordinal: number, tail: string): string {
  const folder = `folder-${String(Math.floor(ordinal / FILES_A_FOLDER)).padStart(4, "0")}/`;
  const name = `-${String(ordinal % FILES_A_FOLDER).padStart(4, "0")}-${tail}.json`;
  return `${folder}${"telemetry-of-a-vehicle-as-it-arrives".padEnd(KEY_LENGTH, "-").slice(0, KEY_LENGTH - folder.length - name.length)}${name}`;
}

function knownSource(options: BenchOptions, files: number): Promise<string> {
  return kept(options.cache, `known-${files}`, async (folder) => {
    for (let i = 0; i < files; i++) {
      if (i % FILES_A_FOLDER === 0) mkdirSync(join(folder, dirname(knownKey(i, "known"))));
      writeKnown(folder, i);
    }
    return Promise.resolve();
  });
}

function writeKnown(source: string, ordinal: number): void {
  writeFileSync(join(source, knownKey(ordinal, "known")), `{"n":${ordinal}}\n`);
}

/** The table that holds them all; the source must stay where it is, since the pipeline is bound to it. */
function knownTable(options: BenchOptions, source: string, files: number): Promise<string> {
  return kept(options.cache, `known-${files}-table`, async (folder) => {
    // As the source was before an earlier table saw it change.
    for (let i = 0; i < NEW_FILES; i++) rmSync(newFile(source, files, i), { force: true });
    writeKnown(source, overwrittenOrdinal(files));
    options.log(`  reading ${files.toLocaleString("en")} files for the first time`);
    const run = await measureProcess(landfall("ingest", source, folder, "--json"));
    expectCount("committed files", documentOf(run, { code: 0 }).files.committed, files);
  });
}

/** Both are there for good: each run starts from the ledger that does not know them. */
function addAndOverwrite(source: string, files: number): void {
  for (let i = 0; i < NEW_FILES; i++) writeFileSync(newFile(source, files, i), `{"n":${i}}\n`);
  writeFileSync(join(source, knownKey(overwrittenOrdinal(files), "known")), '{"n":"overwritten"}\n');
}

function newFile(source: string, files: number, ordinal: number): string {
  return join(source, knownKey(ordinal * Math.floor(files / NEW_FILES), "later"));
}

function overwrittenOrdinal(files: number): number {
  return Math.floor(files / 2);
}

/** So that every run finds the folders and the inodes in memory. */
function lookAtAll(source: string): void {
  for (const folder of readdirSync(source)) {
    for (const name of readdirSync(join(source, folder))) statSync(join(source, folder, name));
  }
}

/** Size of the ledger with its log folded in. */
function ledgerBytes(table: string): number {
  const states = join(table, "_landfall");
  const [pipeline] = readdirSync(states);
  const path = join(states, pipeline!, "ledger.db");
  const db = new DatabaseSync(path);
  db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  db.close();
  return statSync(path).size;
}
