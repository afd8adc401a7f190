/** One function a fault: each changes a copy of a healthy table in the way that its name in docs/reference/verify.md says. */
import { createHash } from "node:crypto";
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { systemClock } from "../../src/base/clock.ts";
import { writeCheckpoint } from "../../src/delta/checkpoint.ts";
import { checkpointKey, commitKey } from "../../src/delta/log-files.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { serializeFolded } from "../../src/ingest/folded-batches.ts";
import type { DoneMark } from "../../src/ingest/manifest.ts";
import { foldedKey } from "../../src/ingest/state-keys.ts";
import { acquireLease } from "../../src/ledger/lock.ts";
import { localStorage } from "../../src/storage/local-storage.ts";
import { copyStatistics } from "../support/duckdb-parquet.ts";

export interface Patient {
  /** Absolute; a copy that may be changed at will. */
  readonly table: string;
  readonly pipeline: string;
  /** Absolute; shared, so that a fault in it is planted into a copy. */
  readonly source: string;
  /** A copy of the ledger as it was after the first batch. */
  readonly oldLedger: string;
  readonly engine: Engine;
  /** Absolute; is removed after the test. */
  readonly scratch: string;
  /** What is undone before the next fault. */
  readonly after: (release: () => Promise<void>) => void;
}

type Plant = (patient: Patient) => unknown;

/** The words in the first batch's column `name`, in the order of the rows: none repeats, so each stands in the file as it is. */
export const WORDS =
  "alpha bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike november oscar papa quebec romeo sierra tango uniform victor whiskey xray yankee zulu".split(
    " ",
  );

export const PLANTED: Readonly<Record<string, Plant>> = {
  "a data file was replaced by one with a row fewer": (patient) =>
    rewriteData(patient, (file) => `SELECT * FROM ${file} WHERE name IS DISTINCT FROM 'kilo'`),
  "a data file was replaced by one with a row twice": (patient) =>
    rewriteData(
      patient,
      (file) => `SELECT * FROM ${file} UNION ALL SELECT * FROM ${file} WHERE name = 'kilo'`,
    ),
  "a data file is gone": (patient) => rmSync(dataFile(patient, 0)),
  "a data file is a byte longer": (patient) => {
    const path = dataFile(patient, 0);
    writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.from([0])]));
  },
  "a data file's bytes are destroyed, its size is the same": (patient) =>
    editBytes(dataFile(patient, 0), (bytes) => bytes.fill(0xff, 4, 200)),
  "a value at the end of a column's range was changed in a data file": (patient) =>
    editBytes(dataFile(patient, 0), (bytes) => replaceFirst(bytes, "alpha", "omega")),
  "a value inside a column's range was changed in a data file": (patient) =>
    editBytes(dataFile(patient, 0), (bytes) => replaceFirst(bytes, "kilo", "kola")),
  "a manifest was edited": (patient) =>
    editText(batchFile(patient, 1, ".json"), (text) => text.replace('"written":26', '"written":25')),
  "a manifest is gone": (patient) => rmSync(batchFile(patient, 1, ".json")),
  "a done mark is gone": (patient) => rmSync(batchFile(patient, 2, ".done.json")),
  "a run died before it wrote a done mark": (patient) => {
    rmSync(batchFile(patient, 3, ".done.json"));
    editLedger(patient, "UPDATE batches SET done = 0 WHERE number = 3");
  },
  "a done mark names another batchId": (patient) =>
    editText(batchFile(patient, 2, ".done.json"), (text) => text.replace(UUID, OTHER_ID)),
  "a done mark was renamed and names another batchId": (patient) => {
    const path = batchFile(patient, 2, ".done.json");
    editText(path, (text) => text.replace(UUID, OTHER_ID));
    renameSync(path, path.replace(UUID, OTHER_ID));
  },
  "a done mark names another version": (patient) =>
    editText(batchFile(patient, 2, ".done.json"), (text) => text.replace('"version":1', '"version":0')),
  "a compaction died before its commit": (patient) => writeCompaction(patient, [], { isMarked: false }),
  "a compaction made fewer rows than it took": (patient) =>
    writeCompaction(patient, [{ path: "part-taken.parquet", rows: 3, bytes: 1 }], { isMarked: true }),
  "the record of a compaction is gone": (patient) => rmSync(writeCompaction(patient, [], { isMarked: true })),
  "a file of folded batches was edited": (patient) =>
    editText(foldByHand(patient), (text) => text.replace('\\"written\\":26', '\\"written\\":25')),
  "a file of folded batches is gone, and the log still has its commits": (patient) =>
    rmSync(foldByHand(patient)),
  "a done mark came back beside the file of its batch, and names another version": (patient) => {
    const mark = batchFile(patient, 2, ".done.json");
    const text = readFileSync(mark, "utf8");
    foldByHand(patient);
    writeFileSync(mark, text.replace('"version":1', '"version":0'));
  },
  "the file of a batch's rejects is gone": (patient) =>
    rmSync(onlyFile(join(state(patient), "rejects"), ".parquet")),
  "pipeline.json is gone": (patient) => rmSync(join(state(patient), "pipeline.json")),

  "ledger: a committed file was set to discovered": (patient) =>
    editLedger(patient, "UPDATE arrivals SET code = 2 WHERE key = 'a.json'"),
  "ledger: the counts of a file were edited": (patient) =>
    editLedger(patient, "UPDATE arrivals SET nread = nread + 1 WHERE key = 'a.json'"),
  "ledger: a file was removed": (patient) => editLedger(patient, "DELETE FROM arrivals WHERE key = 'a.json'"),
  "ledger: a file was made up": (patient) =>
    editLedger(patient, (db) => {
      const select = db.prepare("SELECT * FROM arrivals WHERE key = 'a.json'");
      // Nanoseconds are more than a Number holds.
      select.setReadBigInts(true);
      const row = select.get()!;
      const made = Object.values({ ...row, key: "made-up.json" });
      return db.prepare(`INSERT INTO arrivals VALUES (${made.map(() => "?").join(", ")})`).run(...made);
    }),
  "ledger: a file is claimed by a batch that has ended": (patient) =>
    editLedger(patient, "UPDATE arrivals SET code = 3 WHERE key = 'a.json'"),
  "ledger: a batch has another version": (patient) =>
    editLedger(patient, "UPDATE batches SET version = 0 WHERE number = 2"),
  "ledger: its sums were edited": (patient) => editLedger(patient, "UPDATE totals SET written = written + 1"),
  "a decision was written that the ledger does not know": (patient) => plantDecision(patient, DECISION),
  "ledger: it knows a decision that is not there": (patient) =>
    editLedger(patient, `INSERT INTO decisions VALUES ('${DECISION_ID}')`),
  "a decision that was taken in is damaged": (patient) => {
    plantDecision(patient, DECISION.slice(0, -2));
    editLedger(patient, `INSERT INTO decisions VALUES ('${DECISION_ID}')`);
  },
  "the ledger is gone": (patient) => rmSync(join(state(patient), "ledger.db")),
  "the ledger is destroyed": (patient) =>
    writeFileSync(join(state(patient), "ledger.db"), "no ledger".repeat(999)),
  "the ledger was put back from a backup": (patient) =>
    copyFileSync(patient.oldLedger, join(state(patient), "ledger.db")),

  "log: a file's numRecords was edited": (patient) =>
    editCommit(patient, 0, (text) => text.replace('\\"numRecords\\":26', '\\"numRecords\\":27')),
  "log: a file's statistics were removed": (patient) =>
    editCommit(patient, 0, (text) => text.replace(/,"stats":"(?:[^"\\]|\\.)*"/, "")),
  "log: a bound in a file's statistics was edited": (patient) =>
    editCommit(patient, 0, (text) => text.replace('\\"zulu\\"', '\\"yoke\\"')),
  "log: a null count in a file's statistics was edited": (patient) =>
    editCommit(patient, 0, (text) =>
      text.replace(/(\\"nullCount\\":\{[^}]*\\"name\\":)0/, (_all, head: string) => `${head}1`),
    ),
  "log: a file's size was edited": (patient) =>
    editCommit(patient, 0, (text) =>
      text.replace(/"size":(\d+)/, (_all, size: string) => `"size":${Number(size) + 1}`),
    ),
  "log: the newest commit was removed": (patient) => rmSync(logFile(patient, 2)),
  "log: a commit in the middle was removed": (patient) => rmSync(logFile(patient, 1)),
  "log: a commit was cut off": (patient) => editCommit(patient, 1, (text) => text.slice(0, text.length - 30)),
  "a batch was committed a second time, with a copy of its data file": (patient) => {
    const path = dataFile(patient, 2);
    copyFileSync(path, `${path.slice(0, -".parquet".length)}-copy.parquet`);
    const twice = readFileSync(logFile(patient, 2), "utf8");
    writeFileSync(logFile(patient, 3), twice.replace(/("path":"[^"]*)\.parquet"/, '$1-copy.parquet"'));
  },
  "a full refresh was cut off after its commit": (patient) =>
    writeFileSync(logFile(patient, 3), refreshCommit(patient)),
  "the table was put back to before a full refresh": (patient) => {
    writeFileSync(logFile(patient, 3), refreshCommit(patient));
    const identity = { schemaVersion: 1, pipelineId: OTHER_ID, name: `${patient.pipeline}/2`, source: "/in" };
    mkdirSync(join(state(patient), "2"));
    writeFileSync(join(state(patient), "2/pipeline.json"), JSON.stringify({ ...identity, createdAt: "" }));
    const add = /\{"add":.*\}/.exec(readFileSync(logFile(patient, 0), "utf8"))![0];
    writeFileSync(logFile(patient, 4), foreignCommit(JSON.parse(add) as object));
  },
  "another program took a data file of ours out": (patient) =>
    writeFileSync(
      logFile(patient, 3),
      foreignCommit({ remove: { path: dataPath(patient, 0), dataChange: true } }),
    ),
  "another program added a data file that lies elsewhere": (patient) =>
    writeFileSync(
      logFile(patient, 3),
      foreignCommit({
        add: {
          path: "file:///elsewhere/x.parquet",
          partitionValues: {},
          size: 1,
          modificationTime: 0,
          dataChange: true,
        },
      }),
    ),
  "another program wrote no data": (patient) =>
    writeFileSync(logFile(patient, 3), foreignCommit({ txn: { appId: "somebody", version: 1 } })),
  "the log was cleaned up after a checkpoint": async (patient) => {
    await checkpoint(patient);
    for (const version of [0, 1]) rmSync(logFile(patient, version));
  },
  "the log was cleaned up, and a done mark is gone": async (patient) => {
    await checkpoint(patient);
    for (const version of [0, 1]) rmSync(logFile(patient, version));
    rmSync(batchFile(patient, 2, ".done.json"));
  },
  "a checkpoint names another data file in the place of one of ours": async (patient) => {
    await checkpoint(patient);
    const path = dataFile(patient, 0);
    copyFileSync(path, `${path.slice(0, -".parquet".length)}-copy.parquet`);
    const key = join(patient.table, checkpointKey(2));
    const fresh = join(patient.scratch, "edited.parquet");
    const [uuid] = UUID.exec(dataPath(patient, 0))!;
    await copyStatistics(
      fresh,
      `SELECT * REPLACE (CASE WHEN add.path LIKE '%${uuid}%' THEN struct_update(add, path := replace(add.path, '.parquet', '-copy.parquet')) ELSE add END AS add) FROM '${key}'`,
    );
    renameSync(fresh, key);
  },
  "a vacate record is damaged": (patient) => {
    const [batch] = readdirSync(join(state(patient), "batches")).sort();
    mkdirSync(join(state(patient), "vacated"));
    writeFileSync(join(state(patient), "vacated", batch!.replace(".done", "")), "{}");
  },
  "an archived file is not in the archive any more": (patient) =>
    editLedger(patient, (db) => {
      db.exec("UPDATE counts SET n = n - 1 WHERE code = 4; INSERT INTO counts VALUES (5, 1)");
      db.exec(
        "INSERT INTO events SELECT key, stamp, span, 1, 0, 'archived', NULL, '/no/such/a.json' FROM arrivals WHERE key = 'a.json'",
      );
      return db.prepare("UPDATE arrivals SET code = 5, vacated = 1 WHERE key = 'a.json'").run();
    }),
  "a file vanished while it was about to be archived": (patient) => {
    editLedger(patient, "UPDATE arrivals SET vacated = 1 WHERE key = 'a.json'");
    editText(join(state(patient), "pipeline.json"), (text) =>
      text.replace(/"source":\s*"[^"]*"/, '"source":"/no/such/source"'),
    );
  },
  "an input has other bytes, with the size and time of before": (patient) => {
    const path = join(ownSource(patient), "a.json");
    const { atime, mtime } = statSync(path);
    editBytes(path, (bytes) => replaceFirst(bytes, "kilo", "kola"));
    utimesSync(path, atime, mtime);
  },
  "an input has a row fewer, and everything is said to be as it was": (patient) => {
    const path = join(ownSource(patient), "a.json");
    const { atime, mtime, size } = statSync(path);
    editText(path, (text) => text.replace(/\{"id":11,[^\n]*\n/, "").padEnd(size, "\n"));
    utimesSync(path, atime, mtime);
  },
  "an input was given a name of another format, in all that speaks of it": (patient) => {
    const source = ownSource(patient);
    renameSync(join(source, "a.json"), join(source, "a.dat"));
    editManifest(patient, (text) =>
      text.replaceAll("a.json", "a.dat").replace('"format":"json"', '"format":"text"'),
    );
    editLedger(patient, "UPDATE arrivals SET key = 'a.dat' WHERE key = 'a.json'");
  },
  "an input is gone": (patient) => rmSync(join(ownSource(patient), "a.json")),
  "a row was lost in a data file, and log, manifest, done mark and ledger were edited to agree": async (
    patient,
  ) => {
    const before = statSync(dataFile(patient, 0)).size;
    await rewriteData(patient, (file) => `SELECT * FROM ${file} WHERE name IS DISTINCT FROM 'kilo'`);
    const after = statSync(dataFile(patient, 0)).size;
    editManifest(patient, (text) =>
      text
        .replace('"read":26,"written":26', '"read":25,"written":25')
        .replace(`"rows":26,"bytes":${before}`, `"rows":25,"bytes":${after}`),
    );
    editCommit(patient, 0, (text) =>
      text
        .replace('\\"numRecords\\":26', '\\"numRecords\\":25')
        .replace('\\"_rescued_data\\":26', '\\"_rescued_data\\":25')
        .replace(`"size":${before}`, `"size":${after}`),
    );
    editLedger(patient, "UPDATE arrivals SET nread = 25 WHERE key = 'a.json'");
    editLedger(patient, "UPDATE totals SET nread = nread - 1, written = written - 1");
  },
  "a run is under way": async (patient) => {
    const lease = await acquireLease({ folder: state(patient), clock: systemClock });
    patient.after(() => lease.release());
  },
};

/** A copy of the source, which the pipeline is told is its own. */
function ownSource(patient: Patient): string {
  const copy = join(patient.scratch, "in");
  cpSync(patient.source, copy, { recursive: true, preserveTimestamps: true });
  editText(join(state(patient), "pipeline.json"), (text) =>
    text.replace(/"source":\s*"[^"]*"/, `"source":${JSON.stringify(copy)}`),
  );
  return copy;
}

/** Of the first batch; whoever names it by its hash goes along. */
function editManifest(patient: Patient, edit: (text: string) => string): void {
  const path = batchFile(patient, 1, ".json");
  const before = sha256(path);
  editText(path, edit);
  const after = sha256(path);
  editText(batchFile(patient, 1, ".done.json"), (text) => text.replace(before, after));
  editCommit(patient, 0, (text) => text.replace(before, after));
}

const sha256 = (path: string): string => createHash("sha256").update(readFileSync(path)).digest("hex");

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/;
const OTHER_ID = "01900000-0000-7000-8000-000000000000";

const state = ({ table, pipeline }: Patient): string => join(table, "_landfall", pipeline);
const logFile = ({ table }: Patient, version: number): string => join(table, commitKey(version));

/** The path of the only data file of a version, as in the log. */
function dataPath(patient: Patient, version: number): string {
  return /"add":\{"path":"([^"]+)"/.exec(readFileSync(logFile(patient, version), "utf8"))![1]!;
}

/** A compaction as its state files tell it: of these files none was made. Answers where its record lies. */
function writeCompaction(
  patient: Patient,
  inputs: readonly { readonly path: string; readonly rows: number; readonly bytes: number }[],
  { isMarked }: { readonly isMarked: boolean },
): string {
  const folder = join(state(patient), "compactions");
  const head = { schemaVersion: 1, id: OTHER_ID };
  const at = "2026-01-01T00:00:00Z";
  const record = JSON.stringify({
    ...head,
    pipelineId: "p",
    pipeline: patient.pipeline,
    at,
    version: 1,
    inputs,
    outputs: [],
  });
  mkdirSync(folder);
  writeFileSync(join(folder, `${OTHER_ID}.json`), record);
  const mark = { ...head, version: 2, sha256: createHash("sha256").update(record).digest("hex") };
  if (isMarked) writeFileSync(join(folder, `${OTHER_ID}.done.json`), JSON.stringify(mark));
  return join(folder, `${OTHER_ID}.json`);
}

function dataFile(patient: Patient, version: number): string {
  return join(patient.table, dataPath(patient, version));
}

function batchFile(patient: Patient, number: number, suffix: ".json" | ".done.json"): string {
  const folder = join(state(patient), "batches");
  const name = readdirSync(folder).find(
    (entry) =>
      entry.startsWith(String(number).padStart(10, "0")) &&
      entry.endsWith(suffix) &&
      entry.endsWith(".done.json") === (suffix === ".done.json"),
  );
  return join(folder, name!);
}

/** The first two batches become one file, as folding leaves it. Its path. */
function foldByHand(patient: Patient): string {
  const batches = [1, 2].map((number) => {
    const mark = JSON.parse(readFileSync(batchFile(patient, number, ".done.json"), "utf8")) as DoneMark;
    const manifest = readFileSync(batchFile(patient, number, ".json"), "utf8");
    for (const suffix of [".done.json", ".json"] as const) rmSync(batchFile(patient, number, suffix));
    return { number, batchId: mark.batchId, version: mark.version, sha256: mark.sha256, manifest };
  });
  const path = join(patient.table, foldedKey(patient.pipeline, 1, 2));
  writeFileSync(path, serializeFolded("by hand", batches));
  return path;
}

function onlyFile(folder: string, suffix: string): string {
  const [name, second] = readdirSync(folder).filter((entry) => entry.endsWith(suffix));
  if (name === undefined || second !== undefined) throw new Error(`not one file in ${folder}`);
  return join(folder, name);
}

/** An edit that changes nothing plants no fault. */
function editText(path: string, edit: (text: string) => string): void {
  const before = readFileSync(path, "utf8");
  const after = edit(before);
  if (after === before) throw new Error(`nothing to edit in ${path}`);
  writeFileSync(path, after);
}

function editCommit(patient: Patient, version: number, edit: (text: string) => string): void {
  editText(logFile(patient, version), edit);
}

function editBytes(path: string, edit: (bytes: Buffer) => Buffer): void {
  const before = readFileSync(path);
  const after = edit(Buffer.from(before));
  if (after.equals(before) || after.length !== before.length) throw new Error(`no such edit in ${path}`);
  writeFileSync(path, after);
}

/** The data come before the footer, which holds the statistics. */
function replaceFirst(bytes: Buffer, from: string, to: string): Buffer {
  const at = bytes.indexOf(from);
  if (at < 0) throw new Error(`${from} is not in the file as it is`);
  bytes.write(to, at);
  return bytes;
}

async function rewriteData(patient: Patient, select: (file: string) => string): Promise<void> {
  const path = dataFile(patient, 0);
  const fresh = join(patient.scratch, "rewritten.parquet");
  await copyStatistics(fresh, select(`'${path}'`));
  if (statSync(fresh).size === statSync(path).size) throw new Error("the rewritten file has the same size");
  renameSync(fresh, path);
}

const DECISION_ID = "01a20090-6071-7333-af80-709d5e20877a";
const DECISION = JSON.stringify({ schemaVersion: 1, kind: "retry", at: "", arrivals: [] });

function plantDecision(patient: Patient, content: string): void {
  mkdirSync(join(state(patient), "decisions"));
  writeFileSync(join(state(patient), "decisions", `${DECISION_ID}.json`), content);
}

function editLedger(
  patient: Patient,
  edit: string | ((db: DatabaseSync) => { changes: number | bigint }),
): void {
  const db = new DatabaseSync(join(state(patient), "ledger.db"));
  try {
    const { changes } = typeof edit === "string" ? db.prepare(edit).run() : edit(db);
    if (Number(changes) !== 1) throw new Error(`not one row: ${String(edit)}`);
  } finally {
    db.close();
  }
}

function foreignCommit(action: object): string {
  const info = { timestamp: 0, operation: "DELETE", engineInfo: "Apache-Spark/4.0.0 Delta-Lake/4.0.0" };
  return `${JSON.stringify({ commitInfo: info })}\n${JSON.stringify(action)}\n`;
}

/** As `--full-refresh` commits it. */
function refreshCommit(patient: Patient): string {
  const { pipelineId } = JSON.parse(readFileSync(join(state(patient), "pipeline.json"), "utf8")) as {
    readonly pipelineId: string;
  };
  const fullRefresh = { from: pipelineId, to: OTHER_ID, rows: "own" };
  const actions: object[] = [
    { commitInfo: { operation: "DELETE", txnId: OTHER_ID, landfall: { pipeline: "p", fullRefresh } } },
    { txn: { appId: `landfall-${pipelineId}`, version: -1 } },
    ...[0, 1, 2].map((version) => ({ remove: { path: dataPath(patient, version), dataChange: true } })),
  ];
  return actions.map((action) => `${JSON.stringify(action)}\n`).join("");
}

async function checkpoint(patient: Patient): Promise<void> {
  await writeCheckpoint({
    storage: localStorage({ root: patient.table }),
    parquet: { port: patient.engine, scratchFolder: patient.scratch },
    version: 2,
    now: 0,
  });
}
