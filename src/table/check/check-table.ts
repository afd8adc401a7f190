/**
 * `table check`: one version of a table is what its log says. Its files are there with their sizes, its commits, checkpoint and `.crc` agree;
 * with `data` every row is read, and what the statistics and deletion vectors say is true. Only reads; any table's, whoever wrote it.
 */
import { isLandfallError } from "../../base/landfall-error.ts";
import type { AddFile } from "../../delta/actions.ts";
import { canonicalPath } from "../../delta/add-path.ts";
import { pathOfVector } from "../../delta/deletion-vector/path-of-vector.ts";
import { totalsOf } from "../../delta/file-totals.ts";
import { localRoot } from "../../delta/locate-file.ts";
import { commitKey } from "../../delta/log-files.ts";
import { listLog, readCommit } from "../../delta/log-storage.ts";
import { namedFileSize } from "../../delta/named-file-size.ts";
import { readSnapshot, type Snapshot } from "../../delta/snapshot.ts";
import { tableMissing } from "../../delta/table-missing.ts";
import type { TableParts } from "../table-access.ts";
import type { CheckCode, CheckFinding } from "./finding.ts";
import { judgeCheckpoint } from "./judge-checkpoint.ts";
import { judgeChecksum } from "./judge-checksum.ts";
import { judgeCommit } from "./judge-commit.ts";
import { judgeData } from "./judge-data.ts";
import { judgeProtocol, partitionJudge } from "./judge-protocol.ts";

export interface CheckTableOptions {
  readonly parts: Omit<TableParts, "onNotice">;
  /** Default: the newest. */
  readonly version?: number | undefined;
  /** Reads every row of the data files and every deletion vector. Default: names and sizes only. */
  readonly data?: boolean | undefined;
  readonly signal: AbortSignal;
}

export interface TableCheck {
  readonly table: string;
  /** The version that was looked at. */
  readonly version: number;
  /** Empty where nothing is wrong. */
  readonly findings: readonly CheckFinding[];
  /** Of one code only 1,000 are listed: how many more there are. */
  readonly more: Readonly<Partial<Record<CheckCode, number>>>;
  readonly checked: {
    /** Live files, and their bytes. */
    readonly files: number;
    readonly bytes: number;
    /** Files outside of the table's folder, which were not looked at: see `allowOutside`. */
    readonly outside: number;
    /** Deletion vectors of live files. */
    readonly vectors: number;
    /** Commits of the log that were read. */
    readonly commits: number;
    /** The version of the checkpoint that was compared with the commits before it; undefined where it could not be. */
    readonly checkpoint?: number;
    /** True where the version has a `.crc` file. */
    readonly checksum: boolean;
    /** Files that were read, and their rows without deleted ones; undefined without `data`. */
    readonly read?: { readonly files: number; readonly rows: number };
  };
}

/** Of one code more than these are counted and not kept. */
const KEPT = 1000;
/** Files that are looked at at once. */
const AT_ONCE = 64;

/**
 * @throws LandfallError TABLE_MISSING, TABLE_VERSION_MISSING, TABLE_LOG_CORRUPT where the version cannot be read at all,
 *   TABLE_FEATURE_UNSUPPORTED, storage and engine errors; what is wrong with the table is a finding
 */
export async function checkTable(options: CheckTableOptions): Promise<TableCheck> {
  const { parts, version, signal } = options;
  const { storage } = parts;
  const snapshot = await readSnapshot({ ...parts, ...(version === undefined ? {} : { version }), signal });
  if (snapshot === undefined) throw tableMissing(storage);
  const findings: CheckFinding[] = [];
  const counts = new Map<CheckCode, number>();
  const onFinding = (finding: CheckFinding): void => {
    const count = (counts.get(finding.code) ?? 0) + 1;
    counts.set(finding.code, count);
    if (count <= KEPT) findings.push(finding);
  };
  judgeProtocol(snapshot).forEach(onFinding);
  const commits = await judgeCommits(options, snapshot, onFinding);
  const checkpoint = await judgeCheckpoint({ parts, version: snapshot.version, onFinding, signal });
  const { present, outside } = await judgeFiles(options, snapshot, onFinding);
  const totals = totalsOf(snapshot.adds.values());
  const checksum = await judgeChecksum({ storage, state: snapshot, totals, onFinding });
  const read =
    options.data === true
      ? await judgeData({ parts, state: snapshot, adds: present, onFinding, signal })
      : undefined;
  const more = [...counts].filter(([, count]) => count > KEPT).map(([code, count]) => [code, count - KEPT]);
  return {
    table: storage.location,
    version: snapshot.version,
    findings,
    more: Object.fromEntries(more) as Partial<Record<CheckCode, number>>,
    checked: {
      files: totals.files,
      bytes: totals.bytes,
      outside,
      vectors: totals.vectors ?? 0,
      commits,
      ...(checkpoint === undefined ? {} : { checkpoint }),
      checksum,
      ...(read === undefined ? {} : { read }),
    },
  };
}

type OnFinding = (finding: CheckFinding) => void;

/** Those that still stand, up to the version. */
async function judgeCommits(
  { parts, signal }: CheckTableOptions,
  snapshot: Snapshot,
  onFinding: OnFinding,
): Promise<number> {
  const { storage } = parts;
  const root = localRoot(storage);
  const { commits } = await listLog({ storage, signal });
  const wanted = commits.filter((version) => version <= snapshot.version);
  for (const version of wanted) {
    signal.throwIfAborted();
    const file = commitKey(version);
    try {
      const commit = await readCommit({ storage, version });
      if (commit !== undefined)
        judgeCommit({ version, actions: commit.actions, file, root }).forEach(onFinding);
    } catch (error) {
      // The version was read without it: a checkpoint stands for it.
      if (!isLandfallError(error, "TABLE_LOG_CORRUPT")) throw error;
      onFinding({ code: "COMMIT_UNSOUND", file, version, message: error.message });
    }
  }
  return wanted.length;
}

/** Answers the live files that are there. */
async function judgeFiles(
  options: CheckTableOptions,
  snapshot: Snapshot,
  onFinding: OnFinding,
): Promise<{ readonly present: readonly AddFile[]; readonly outside: number }> {
  const { version } = snapshot;
  const root = localRoot(options.parts.storage);
  const judgePartition = partitionJudge(snapshot);
  const paths = new Set<string>();
  const adds = [...snapshot.adds.values()];
  const present: AddFile[] = [];
  let outside = 0;
  for (const add of adds) {
    const wrong = judgePartition(add);
    if (wrong !== undefined) onFinding(wrong);
    const path = canonicalPath(add.path, root);
    if (paths.has(path))
      onFinding({
        code: "PATH_REPEATED",
        file: add.path,
        version,
        message: "The file is live more than once, with different deletion vectors: its rows are read twice.",
      });
    paths.add(path);
  }
  for (let start = 0; start < adds.length; start += AT_ONCE) {
    options.signal.throwIfAborted();
    const group = adds.slice(start, start + AT_ONCE);
    const found = await Promise.all(group.map((add) => presence(options, add)));
    for (const [i, add] of group.entries()) {
      const { isOutside, isThere, faults } = found[i]!;
      if (isOutside) outside += 1;
      if (isThere) present.push(add);
      for (const fault of faults) onFinding({ ...fault, version });
    }
  }
  return { present, outside };
}

interface Presence {
  readonly isOutside: boolean;
  /** The file and that of its vector. */
  readonly isThere: boolean;
  readonly faults: readonly Omit<CheckFinding, "version">[];
}

async function presence({ parts }: CheckTableOptions, add: AddFile): Promise<Presence> {
  const faults: Omit<CheckFinding, "version">[] = [];
  let isThere = true;
  const vector = add.deletionVector === undefined ? undefined : pathOfVector(add.deletionVector);
  try {
    const size = await namedFileSize({ ...parts, path: add.path });
    if (size === undefined) {
      isThere = false;
      faults.push({
        code: "FILE_MISSING",
        file: add.path,
        message: "The data file is not there: its rows are lost to every reader.",
      });
    } else if (size !== add.size) {
      faults.push({
        code: "FILE_SIZE",
        file: add.path,
        message: `The file has ${size} bytes; the log says ${add.size}.`,
      });
    }
    if (vector !== undefined && (await namedFileSize({ ...parts, path: vector })) === undefined) {
      isThere = false;
      faults.push({
        code: "FILE_MISSING",
        file: vector,
        message: `The deletion vector of ${add.path} is not there: without it deleted rows would come back.`,
      });
    }
    return { isOutside: false, isThere, faults };
  } catch (error) {
    if (!isLandfallError(error, "TABLE_FILE_OUTSIDE")) throw error;
    return { isOutside: true, isThere: false, faults };
  }
}
