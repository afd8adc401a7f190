/** In-commit timestamps of writers (PROTOCOL.md, "In-Commit Timestamps"). */
import { LandfallError } from "../base/landfall-error.ts";
import type { Storage } from "../storage/storage.ts";
import type { CommitInfo } from "./actions.ts";
import { writerFeaturesOf } from "./features.ts";
import { readCommit } from "./log-storage.ts";
import type { TableState } from "./table-state.ts";

/**
 * The in-commit timestamp of a state's version, in milliseconds since the epoch; undefined where the table has none.
 *
 * @throws LandfallError TABLE_LOG_CORRUPT where the version's commit does not state it
 */
export async function inCommitTimestampOf(options: {
  readonly storage: Storage;
  readonly state: TableState;
}): Promise<number | undefined> {
  const { storage, state } = options;
  if (!hasInCommitTimestamps(state)) return undefined;
  const { version } = state;
  const known = state.commitInfos.get(version) ?? (await readCommit({ storage, version }))?.commitInfo;
  const stated = statedTimestamp(known);
  if (stated !== undefined) return stated;
  throw new LandfallError("TABLE_LOG_CORRUPT", {
    message: `Version ${version} of ${storage.location} states no inCommitTimestamp, which the table asks of it.`,
    hint: "Find out which program wrote this commit; writers must not go on from it.",
    table: storage.location,
    version,
  });
}

/** What a commit states, in milliseconds since the epoch; undefined where it states nothing. */
export function statedTimestamp(info: CommitInfo | undefined): number | undefined {
  const stated = info?.["inCommitTimestamp"];
  return typeof stated === "number" || typeof stated === "bigint" ? Number(stated) : undefined;
}

export function hasInCommitTimestamps({
  protocol,
  metadata,
}: Pick<TableState, "protocol" | "metadata">): boolean {
  return (
    metadata.configuration["delta.enableInCommitTimestamps"]?.toLowerCase() === "true" &&
    writerFeaturesOf(protocol).some((feature) => /^inCommitTimestamp(?:-preview)?$/.test(feature))
  );
}
