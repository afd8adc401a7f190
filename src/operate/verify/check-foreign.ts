/** Commits by others: what they did is listed, and never counted as proved. */
import { canonicalPath } from "../../delta/add-path.ts";
import type { ManifestFile } from "./check-batches.ts";
import type { Findings } from "./finding.ts";
import type { History, LoggedCommit } from "./read-history.ts";

export function checkForeign(
  history: History,
  ours: ReadonlyMap<string, ManifestFile>,
  findings: Findings,
): void {
  const rowsOf = new Map([...ours].map(([path, file]) => [canonicalPath(path), file.rows]));
  for (const commit of history.commits) {
    if (commit.own !== undefined || commit.compaction !== undefined) continue;
    // What a full refresh takes out of its own pipeline has ended with it; what it takes out of others, nobody reads again.
    if (commit.refreshes && !commit.removes.some((path) => rowsOf.has(canonicalPath(path)))) continue;
    const changes = commit.adds.length > 0 || commit.removes.length > 0;
    findings.add(changes ? "unprovable" : "note", "FOREIGN_COMMIT", {
      what: describe(commit, rowsOf),
      where: `version ${commit.version}`,
    });
  }
}

function describe(commit: LoggedCommit, rowsOf: ReadonlyMap<string, number>): string {
  const taken = commit.removes.map((path) => rowsOf.get(canonicalPath(path)));
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
