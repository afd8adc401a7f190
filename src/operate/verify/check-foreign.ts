/** Commits by others: what they did is listed, and never counted as proved. */
import { canonicalPath } from "../../delta/add-path.ts";
import type { ManifestFile } from "./check-batches.ts";
import type { Findings } from "./finding.ts";
import type { History, LoggedCommit } from "./read-history.ts";

export function checkForeign(options: {
  readonly history: History;
  readonly ours: ReadonlyMap<string, ManifestFile>;
  /** As of `canonicalPath`. */
  readonly root: string | undefined;
  readonly findings: Findings;
}): void {
  const { history, ours, root, findings } = options;
  const rows = new Map([...ours].map(([path, file]) => [canonicalPath(path, root), file.rows]));
  const rowsOf = (path: string): number | undefined => rows.get(canonicalPath(path, root));
  for (const commit of history.commits) {
    if (commit.own !== undefined || commit.compaction !== undefined) continue;
    // What a full refresh takes out of its own pipeline has ended with it; what it takes out of others, nobody reads again.
    if (commit.refreshes && !commit.removes.some((path) => rowsOf(path) !== undefined)) continue;
    const changes = commit.adds.length > 0 || commit.removes.length > 0;
    findings.add(changes ? "unprovable" : "note", "FOREIGN_COMMIT", {
      what: describe(commit, rowsOf),
      where: `version ${commit.version}`,
    });
  }
}

function describe(commit: LoggedCommit, rowsOf: (path: string) => number | undefined): string {
  const taken = commit.removes.map(rowsOf);
  const ours = taken.filter((rows) => rows !== undefined);
  const who = commit.refreshes
    ? "Full refresh of another pipeline"
    : `${commit.operation} by ${commit.engine}`;
  if (commit.adds.length === 0 && commit.removes.length === 0) return `${who}: no data file changed.`;
  const took =
    ours.length === 0
      ? ""
      : `, of them ${ours.length} of Landfall with ${ours.reduce((sum, rows) => sum + rows, 0)} rows`;
  return `${who}: ${commit.adds.length} data files added, ${commit.removes.length} taken out${took}.`;
}
