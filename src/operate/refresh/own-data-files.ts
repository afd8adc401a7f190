/**
 * Which of a table's data files hold rows of one pipeline: those that its manifests name, and those into which such files alone were
 * rewritten without a change of their rows (Delta's `dataChange: false`, as compaction writes it), as the log tells.
 */
import { canonicalPath } from "../../delta/add-path.ts";
import { localRoot } from "../../delta/locate-file.ts";
import type { AddFile } from "../../delta/actions.ts";
import { readCommit } from "../../delta/log-storage.ts";
import type { Snapshot } from "../../delta/snapshot.ts";
import type { Storage } from "../../storage/storage.ts";

export interface OwnDataFiles {
  /** Live files with rows of this pipeline and no others. */
  readonly own: readonly AddFile[];
  /** Live files that were made of such files together with others', or in a way that may have changed rows: nobody can tell whose they are. */
  readonly mixed: readonly AddFile[];
  /** Live files without a row of this pipeline. */
  readonly others: readonly AddFile[];
}

type Owner = "own" | "mixed" | "others";

export async function ownDataFiles(options: {
  readonly storage: Storage;
  readonly snapshot: Snapshot;
  /** Paths of the data files that the pipeline's manifests and compactions name. */
  readonly named: ReadonlySet<string>;
  /** Those of other pipelines; asked only where there are files that this one does not name. */
  readonly namedByOthers: () => Promise<ReadonlySet<string>>;
  readonly signal?: AbortSignal | undefined;
}): Promise<OwnDataFiles> {
  const { storage, snapshot } = options;
  const plainOf = plainPaths(storage);
  const named = new Set([...options.named].map(plainOf));
  const live = [...snapshot.adds.values()];
  const strange = live.filter((add) => !named.has(plainOf(add.path)));
  const present = new Set(live.map((add) => plainOf(add.path)));
  const rewritten = [...named].some((path) => !present.has(path));
  // Mostly all that the manifests name is live, or all that is live is named: then nothing more need be read.
  const isUntold = strange.length > 0 && rewritten;
  const others = new Set(isUntold ? [...(await options.namedByOthers())].map(plainOf) : []);
  const owners = isUntold ? await ownersByLog({ ...options, named, others }) : new Map<string, Owner>();
  const ownerOf = (add: AddFile): Owner => {
    const path = plainOf(add.path);
    if (named.has(path)) return "own";
    if (others.has(path)) return "others";
    return owners.get(path) ?? (rewritten ? "mixed" : "others");
  };
  const of = (owner: Owner): AddFile[] => live.filter((add) => ownerOf(add) === owner);
  return { own: of("own"), mixed: of("mixed"), others: of("others") };
}

/** What paths of one file have in common, below the table's folder absolute ones, too. */
function plainPaths(storage: Storage): (path: string) => string {
  const root = localRoot(storage);
  return (path) => canonicalPath(path, root);
}

/** By canonical path; nothing of files whose commit the log no longer holds. */
async function ownersByLog(options: {
  readonly storage: Storage;
  readonly snapshot: Snapshot;
  readonly named: ReadonlySet<string>;
  readonly others: ReadonlySet<string>;
  readonly signal?: AbortSignal | undefined;
}): Promise<ReadonlyMap<string, Owner>> {
  const { storage, snapshot, named, others, signal } = options;
  const plainOf = plainPaths(storage);
  const owners = new Map<string, Owner>([...others].map((path) => [path, "others"]));
  for (let version = 0; version <= snapshot.version; version++) {
    signal?.throwIfAborted();
    const commit = await readCommit({ storage, version });
    if (commit === undefined) continue;
    const removes = commit.actions.flatMap((action) => ("remove" in action ? [action.remove] : []));
    const adds = commit.actions.flatMap((action) => ("add" in action ? [action.add] : []));
    const keepsRows = adds.every((add) => !add.dataChange);
    const from = new Set(
      removes.map(({ path }): Owner => ownerOfPath(plainOf(path), named, owners) ?? "mixed"),
    );
    for (const { path } of adds) {
      const plain = plainOf(path);
      if (named.has(plain) || others.has(plain)) continue;
      owners.set(plain, ownerOfRewrite(from, keepsRows));
    }
  }
  return owners;
}

function ownerOfPath(
  path: string,
  named: ReadonlySet<string>,
  owners: ReadonlyMap<string, Owner>,
): Owner | undefined {
  return named.has(path) ? "own" : owners.get(path);
}

function ownerOfRewrite(from: ReadonlySet<Owner>, keepsRows: boolean): Owner {
  if (!from.has("own") && !from.has("mixed")) return "others";
  return keepsRows && from.size === 1 && from.has("own") ? "own" : "mixed";
}
