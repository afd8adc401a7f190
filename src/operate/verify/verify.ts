/**
 * `verify`: the log, the manifests, the done marks, the ledger and the data files agree on every file and every row (exactly-once
 * rules, §6). Only reads. What cannot be proved is said, and never counted as passed.
 */
import { localRoot } from "../../delta/locate-file.ts";
import type { Clock } from "../../base/clock.ts";
import { isLandfallError, LandfallError } from "../../base/landfall-error.ts";
import { LOG_FOLDER } from "../../delta/log-files.ts";
import { readSnapshot, type Snapshot } from "../../delta/snapshot.ts";
import { tableMissing } from "../../delta/table-missing.ts";
import type { Engine } from "../../engine/engine.ts";
import { appIdOf, readPipelineStates, type PipelineIdentity } from "../../ingest/pipeline-identity.ts";
import { takenNumber } from "../../ingest/take-in.ts";
import type { LedgerReader } from "../../ledger/ledger-reader.ts";
import { OPEN_STATES } from "../../ledger/states.ts";
import type { TableView } from "../table-view.ts";
import { readCompactionMarks, type MarkedCompaction } from "./check-compactions.ts";
import { checkData } from "./check-data.ts";
import { checkFiles } from "./check-files.ts";
import { isCutOff, readEnded, reportCutOff, type EndedPipeline } from "./check-ended.ts";
import { checkForeign } from "./check-foreign.ts";
import { checkLedger, ledgerBefore, type LedgerBefore } from "./check-ledger.ts";
import { knownFiles } from "./known-files.ts";
import { checkTidied } from "./check-tidied.ts";
import { Findings, type Finding, type FindingCode } from "./finding.ts";
import { readDoneMarks, type DoneMarks } from "./read-done-marks.ts";
import { readHistory, type History } from "./read-history.ts";
import { sourceCheck, type OnSourceProgress, type SourceCounts } from "./source/check-source.ts";

export interface VerifyOptions {
  readonly clock: Clock;
  /** With it the data files are read too (`--data`). */
  readonly engine?: Engine | undefined;
  /** With it the inputs that are still there are read again (`--source`). */
  readonly source?: { readonly engine: Engine; readonly onProgress?: OnSourceProgress } | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface VerifyResult {
  readonly table: string;
  /** The version that was looked at; undefined where the log cannot be read or there is none. */
  readonly version?: number;
  /** `proved`: everything was checked and agrees; `unprovable`: no fault, but something nobody can tell; `faulty`. */
  readonly verdict: "proved" | "unprovable" | "faulty";
  readonly findings: readonly Finding[];
  /** Of one code only so many are listed: how many more there are. */
  readonly more: Readonly<Partial<Record<FindingCode, number>>>;
  readonly checked: VerifyCounts;
}

export interface VerifyCounts {
  readonly pipelines: number;
  /** Ledgers that were compared. */
  readonly ledgers: number;
  readonly commits: number;
  /** Batches whose manifest was read; their source files, and the rows that they wrote. */
  readonly batches: number;
  readonly sourceFiles: number;
  readonly rows: number;
  /** Compactions whose record was read. */
  readonly compactions: number;
  /** Live data files. */
  readonly dataFiles: number;
  /** Source files that the ledgers hold still to be read. */
  readonly open: number;
  /** Data files and rows that were read; undefined without `--data`. */
  readonly read?: { readonly files: number; readonly rows: number };
  /** Inputs that were read again; undefined without `--source`. */
  readonly source?: SourceCounts;
}

interface OpenedPipeline {
  readonly identity: PipelineIdentity;
  readonly ledger: LedgerReader | undefined;
  readonly before: LedgerBefore | undefined;
  readonly marks: DoneMarks;
  readonly compactions: ReadonlyMap<string, MarkedCompaction>;
  readonly running: boolean;
}

/**
 * @throws LandfallError TABLE_MISSING, TABLE_FEATURE_UNSUPPORTED, STATE_NEWER, storage and engine errors: what stands in the way of
 * looking; what is wrong with the table is a finding
 */
export async function verifyTable(view: TableView, options: VerifyOptions): Promise<VerifyResult> {
  const findings = new Findings();
  const states = await readPipelineStates(view.storage);
  const identities = states.flatMap((ofOne) => ofOne.slice(-1));
  const opened: OpenedPipeline[] = [];
  const ended: EndedPipeline[] = [];
  try {
    // Ledgers and done marks before the log: a run that is under way then only makes the log newer than they are.
    for (const identity of identities) opened.push(await openPipeline(view, identity, findings));
    for (const identity of states.flatMap((ofOne) => ofOne.slice(0, -1)))
      ended.push(await readEnded(view.storage, identity, findings));
    return await verifyOpened(view, { ...options, findings, opened, ended });
  } finally {
    for (const { ledger } of opened) await ledger?.close();
  }
}

async function openPipeline(
  view: TableView,
  identity: PipelineIdentity,
  findings: Findings,
): Promise<OpenedPipeline> {
  const { name } = identity;
  const where = `ledger of ${name}`;
  const lease = await view.lookAtLease(name);
  const running = lease !== undefined && lease.holder !== "dead";
  if (running) {
    findings.add("note", "RUN_UNDER_WAY", {
      what: `Process ${lease.pid} on ${lease.host} holds the pipeline: what it has not committed yet is not judged.`,
      where: name,
    });
  }
  let ledger: LedgerReader | undefined;
  try {
    ledger = await view.openLedger(name);
    if (ledger === undefined) {
      findings.add("note", "LEDGER_LOST", {
        what: `"${name}" has no ledger here: the next run rebuilds it from the table.`,
        where,
        hint: "If it lies elsewhere, name the place with --state DIR.",
      });
    }
  } catch (error) {
    if (!isLandfallError(error, "LEDGER_FAILED")) throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    findings.add("fault", "LEDGER_DAMAGED", { what: error.message, where, ...hint });
  }
  try {
    const before = ledger === undefined ? undefined : await ledgerBefore(ledger);
    const marks = await readDoneMarks(view.storage, name, findings);
    const compactions = await readCompactionMarks(view.storage, name, findings);
    return { identity, ledger, before, marks, compactions, running };
  } catch (error) {
    await ledger?.close();
    throw error;
  }
}

interface OpenedOptions extends VerifyOptions {
  readonly findings: Findings;
  readonly opened: readonly OpenedPipeline[];
  readonly ended: readonly EndedPipeline[];
}

async function verifyOpened(view: TableView, options: OpenedOptions): Promise<VerifyResult> {
  const { findings, signal } = options;
  const { storage } = view;
  const pipelines = [...options.opened, ...options.ended].map(({ identity }) => identity);
  const history = await readHistory({ storage, pipelines, findings, signal });
  const snapshot = await readLoggedSnapshot(view, options);
  if (snapshot === undefined && history.commits.length === 0 && pipelines.length === 0) {
    if (!findings.has("LOG_DAMAGED")) throw tableMissing(storage);
  }
  checkTransactions(snapshot, pipelines, findings);
  const opened = options.opened.filter(({ identity }) => !isCutOff(snapshot, identity));
  const cutOff = options.opened.filter((one) => !opened.includes(one));
  for (const { identity } of cutOff) reportCutOff(identity, findings);

  const inputs =
    options.source === undefined || snapshot === undefined
      ? undefined
      : sourceCheck({ ...options.source, view, snapshot, findings, signal });
  const ended = [...options.ended, ...cutOff];
  const { ours, compacted, counts } = await knownFiles({
    storage,
    opened: opened.map((one) => ({
      ...one,
      top: topNumber(snapshot, history, one.identity),
      markDue: (number) => markDueIn(one, number),
      onManifest: inputs && ((manifest) => inputs.batch(one, manifest)),
    })),
    ended,
    history,
    snapshot,
    findings,
    signal,
  });
  const source = inputs?.end();
  checkForeign({ history, ours, root: localRoot(storage), findings });
  let read: VerifyCounts["read"];
  if (snapshot !== undefined) {
    const manifestsMissing = findings.has(...MANIFEST_LOST);
    const shared = { storage, snapshot, history, ours, findings, signal };
    const files = await checkFiles({ ...shared, compacted, manifestsMissing });
    if (options.engine !== undefined) read = await checkData({ ...shared, engine: options.engine, files });
  }
  let open = 0;
  for (const pipeline of opened)
    open += await checkOpenedLedger(view, options, { pipeline, snapshot, history });
  return resultOf(view, findings, {
    snapshot,
    checked: {
      pipelines: options.opened.length,
      ledgers: opened.filter(({ ledger }) => ledger !== undefined).length,
      commits: history.commits.length,
      ...counts,
      open,
      dataFiles: snapshot?.adds.size ?? 0,
      ...(read === undefined ? {} : { read }),
      ...(source === undefined ? {} : { source }),
    },
  });
}

const MANIFEST_LOST = ["MANIFEST_MISSING", "MANIFEST_DAMAGED", "FOLDED_DAMAGED", "BATCH_UNKNOWN"] as const;

function markDueIn({ before, running }: OpenedPipeline, number: number): "next run" | "this run" | undefined {
  const due = before === undefined || number > before.lastTakenIn || before.marksDue.has(number);
  return due ? (running ? "this run" : "next run") : undefined;
}

/** Undefined where there is none, or one whose log cannot be read: that is a finding then. */
async function readLoggedSnapshot(view: TableView, options: OpenedOptions): Promise<Snapshot | undefined> {
  const { storage, parquet } = view;
  const { findings, signal } = options;
  try {
    return await readSnapshot({ storage, parquet, ...(signal ? { signal } : {}) });
  } catch (error) {
    if (!(error instanceof LandfallError) || error.code !== "TABLE_LOG_CORRUPT") throw error;
    if (!findings.has("LOG_DAMAGED")) {
      const hint = error.hint === undefined ? {} : { hint: error.hint };
      findings.add("fault", "LOG_DAMAGED", { what: error.message, where: LOG_FOLDER, ...hint });
    }
    return undefined;
  }
}

function checkTransactions(
  snapshot: Snapshot | undefined,
  pipelines: readonly PipelineIdentity[],
  findings: Findings,
): void {
  const known = new Set(pipelines.map(({ pipelineId }) => appIdOf(pipelineId)));
  for (const [appId, txn] of snapshot?.txns ?? []) {
    if (!appId.startsWith(appIdOf("")) || known.has(appId)) continue;
    findings.add("fault", "PIPELINE_UNKNOWN", {
      what: `The table has ${txn.version} batches of a pipeline whose pipeline.json is gone: its next run would read every file again.`,
      where: appId,
      hint: "Restore _landfall from a backup before anything runs.",
    });
  }
}

/** By the table's `txn`; where the log cannot be read as a whole, by the commits that can. */
function topNumber(snapshot: Snapshot | undefined, history: History, pipeline: PipelineIdentity): number {
  if (snapshot !== undefined) return takenNumber(snapshot, appIdOf(pipeline.pipelineId));
  const numbers = history.commits.flatMap(({ own }) =>
    own?.pipelineId === pipeline.pipelineId ? [own.number] : [],
  );
  return Math.max(0, ...numbers.slice(-1));
}

/** Answers how many of the ledger's files are still to be read. */
async function checkOpenedLedger(
  view: TableView,
  options: OpenedOptions,
  at: {
    readonly pipeline: OpenedPipeline;
    readonly snapshot: Snapshot | undefined;
    readonly history: History;
  },
): Promise<number> {
  const { identity, ledger, before, running } = at.pipeline;
  if (ledger === undefined || before === undefined) return 0;
  await checkTidied({ ...options, storage: view.storage, pipeline: identity, ledger });
  const summary = await checkLedger({
    view,
    pipeline: identity,
    ledger,
    before,
    state: at.snapshot,
    top: topNumber(at.snapshot, at.history, identity),
    running,
    clock: options.clock,
    findings: options.findings,
    signal: options.signal,
  });
  return OPEN_STATES.reduce((sum, state) => sum + (summary.states[state] ?? 0), 0);
}

function resultOf(
  view: TableView,
  findings: Findings,
  found: { readonly snapshot: Snapshot | undefined; readonly checked: VerifyCounts },
): VerifyResult {
  const all = findings.all();
  const [worst] = all;
  const verdict =
    worst?.level === "fault" ? "faulty" : worst?.level === "unprovable" ? "unprovable" : "proved";
  return {
    table: view.storage.location,
    ...(found.snapshot === undefined ? {} : { version: found.snapshot.version }),
    verdict,
    findings: all,
    more: findings.left(),
    checked: found.checked,
  };
}
