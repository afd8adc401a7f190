/** The live data files: each is there with its size, is known to a commit or a manifest, and none of ours has been dropped. */
import type { AddFile } from "../../delta/actions.ts";
import { canonicalPath } from "../../delta/add-path.ts";
import { keyOfPath, localRoot } from "../../delta/locate-file.ts";
import type { Snapshot } from "../../delta/snapshot.ts";
import type { Storage } from "../../storage/storage.ts";
import type { ManifestFile } from "./check-batches.ts";
import type { Findings } from "./finding.ts";
import type { History } from "./read-history.ts";

export interface CheckFilesOptions {
  readonly storage: Storage;
  readonly snapshot: Snapshot;
  readonly history: History;
  /** Of all pipelines. */
  readonly ours: ReadonlyMap<string, ManifestFile>;
  /** Canonical paths of files that compactions took out, those before the log's oldest commit too. */
  readonly compacted: ReadonlySet<string>;
  /** True when a manifest could not be read, so that the files of its batch are not known. */
  readonly manifestsMissing: boolean;
  readonly findings: Findings;
  readonly signal?: AbortSignal | undefined;
}

/** Looks at so many files at once. */
const AT_ONCE = 64;

/** Answers the live files that are there and can be looked into, with their keys. */
export async function checkFiles(
  options: CheckFilesOptions,
): Promise<{ readonly add: AddFile; readonly key: string }[]> {
  const { snapshot, findings, signal } = options;
  const reachable: { add: AddFile; key: string }[] = [];
  const present: { add: AddFile; key: string }[] = [];
  for (const add of snapshot.adds.values()) {
    const key = keyOfPath(options.storage, add.path);
    if (key !== undefined) reachable.push({ add, key });
    else {
      findings.add("unprovable", "DATA_FILE_UNREACHABLE", {
        what: "A data file lies outside the table's folder, where Landfall does not look.",
        where: add.path,
      });
    }
  }
  for (let start = 0; start < reachable.length; start += AT_ONCE) {
    signal?.throwIfAborted();
    const group = reachable.slice(start, start + AT_ONCE);
    const there = await Promise.all(group.map((file) => checkSize(options, file)));
    present.push(...group.filter((_, i) => there[i]));
  }
  checkOrigins(options);
  return present;
}

/** False where the file is not there. */
async function checkSize(
  options: CheckFilesOptions,
  file: { readonly add: AddFile; readonly key: string },
): Promise<boolean> {
  const { storage, findings } = options;
  const info = await storage.head(file.key);
  if (info === undefined) {
    findings.add("fault", "DATA_FILE_MISSING", {
      what: "A data file that the table names is not there: its rows are lost to every reader.",
      where: file.key,
      hint: "Restore it from a backup; or take its source files back and read them again.",
    });
  } else if (info.size !== file.add.size) {
    findings.add("fault", "DATA_FILE_SIZE", {
      what: `A data file has ${info.size} bytes; the log says ${file.add.size}.`,
      where: file.key,
      hint: "Something other than Delta wrote into the table's folder: restore the file from a backup.",
    });
  }
  return info !== undefined;
}

/** What the log adds and removes, followed from manifest to snapshot. */
function checkOrigins(options: CheckFilesOptions): void {
  const { snapshot, history, ours, findings } = options;
  const root = localRoot(options.storage);
  const plainOf = (path: string): string => canonicalPath(path, root);
  const live = new Set([...snapshot.adds.values()].map((add) => plainOf(add.path)));
  const known = new Set([...ours.keys()].map(plainOf));
  const removed = new Set(options.compacted);
  for (const { path } of snapshot.removes.values()) removed.add(plainOf(path));
  for (const commit of history.commits) {
    for (const path of commit.removes) removed.add(plainOf(path));
    for (const { path } of commit.adds) known.add(plainOf(path));
  }
  for (const path of ours.keys()) {
    const plain = plainOf(path);
    if (live.has(plain) || removed.has(plain)) continue;
    // A commit that has been cleaned up may have removed it.
    findings.add(history.complete ? "fault" : "unprovable", "DATA_FILE_DROPPED", {
      what: history.complete
        ? "A data file of Landfall is not in the table, and no commit took it out: the checkpoint or the log lost it."
        : "A data file of Landfall is not in the table, and the commit that took it out is no longer in the log.",
      where: path,
      ...(history.complete ? { hint: "Compare the checkpoint with the commits before it." } : {}),
    });
  }
  for (const path of live) {
    if (known.has(path)) continue;
    const certain = history.complete && !options.manifestsMissing;
    findings.add(certain ? "fault" : "unprovable", "DATA_FILE_UNKNOWN", {
      what: "The table has a data file that no commit of the log and no manifest knows.",
      where: path,
    });
  }
}
