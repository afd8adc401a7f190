/** What a commit says of itself, and what it did to the files. */
import { bytesOf } from "../base/bytes-of.ts";
import { isJsonObject, type JsonValue } from "../base/lossless-json.ts";
import { findCommitInfo } from "./actions.ts";
import type { DescribedCommit } from "./commit-history.ts";
import { statedTimestamp } from "./in-commit-timestamp.ts";
import { recordsOf } from "./stated-statistics.ts";

export interface CommitDescription {
  readonly version: number;
  /**
   * When the version was made, by the time that time travel goes by: milliseconds since the epoch. The commit's in-commit timestamp, else the
   * time of its file, a millisecond after the version before it where it is not younger.
   */
  readonly timestamp: number;
  /** What its writer's clock said (`commitInfo.timestamp`), the same way; it goes with the commit where a table's folder is copied. */
  readonly writerTimestamp?: number;
  readonly operation?: string;
  readonly operationParameters?: Readonly<Record<string, JsonValue>>;
  /** As the writer counted; numbers are mostly text. */
  readonly operationMetrics?: Readonly<Record<string, JsonValue>>;
  /** What its writer was told to keep with it (`userMetadata`). */
  readonly userMetadata?: string;
  /** The program that wrote it. */
  readonly engineInfo?: string;
  readonly isBlindAppend?: boolean;
  readonly filesAdded: number;
  readonly filesRemoved: number;
  readonly bytesAdded: number;
  /** Rows of its files with rows that did not stand in the table before, by their statistics; undefined where a file has none. */
  readonly rowsAdded?: number;
}

/** @param commit.fileTime see `FileTimes.of` */
export function describeCommit({ version, actions, fileTime }: DescribedCommit): CommitDescription {
  const info = findCommitInfo(actions);
  const adds = actions.flatMap((action) => ("add" in action ? [action.add] : []));
  const records = adds.filter(({ dataChange }) => dataChange).map(recordsOf);
  const writerTimestamp = longOf(info?.timestamp);
  const { operation, operationParameters, operationMetrics, userMetadata, engineInfo, isBlindAppend } =
    info ?? {};
  return {
    version,
    // PROTOCOL.md, "In-Commit Timestamps": where it stands, it is the version's time.
    timestamp: statedTimestamp(info) ?? fileTime,
    ...(writerTimestamp === undefined ? {} : { writerTimestamp }),
    ...(typeof operation === "string" ? { operation } : {}),
    ...(isJsonObject(operationParameters) ? { operationParameters } : {}),
    ...(isJsonObject(operationMetrics) ? { operationMetrics } : {}),
    ...(typeof userMetadata === "string" ? { userMetadata } : {}),
    ...(typeof engineInfo === "string" ? { engineInfo } : {}),
    ...(typeof isBlindAppend === "boolean" ? { isBlindAppend } : {}),
    filesAdded: adds.length,
    filesRemoved: actions.filter((action) => "remove" in action).length,
    bytesAdded: bytesOf(adds),
    ...(records.every((count) => count !== undefined)
      ? { rowsAdded: records.reduce((sum, count) => sum + count, 0) }
      : {}),
  };
}

function longOf(value: JsonValue | undefined): number | undefined {
  return typeof value === "number" || typeof value === "bigint" ? Number(value) : undefined;
}
