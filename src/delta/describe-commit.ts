/** What a commit says of itself, and what it did to the files. */
import { isJsonObject, type JsonValue } from "../base/lossless-json.ts";
import { findCommitInfo, type Action } from "./actions.ts";
import { statedTimestamp } from "./in-commit-timestamp.ts";
import { recordsOf } from "./stated-statistics.ts";

export interface CommitDescription {
  readonly version: number;
  /** Milliseconds since the epoch: the commit's in-commit timestamp, else the time that it states; undefined where it states none. */
  readonly timestamp?: number;
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

export function describeCommit(version: number, actions: readonly Action[]): CommitDescription {
  const info = findCommitInfo(actions);
  const adds = actions.flatMap((action) => ("add" in action ? [action.add] : []));
  const records = adds.filter(({ dataChange }) => dataChange).map(recordsOf);
  // PROTOCOL.md, "In-Commit Timestamps": where it stands, it is the version's time.
  const timestamp = statedTimestamp(info) ?? longOf(info?.timestamp);
  const { operation, operationParameters, operationMetrics, userMetadata, engineInfo, isBlindAppend } =
    info ?? {};
  return {
    version,
    ...(timestamp === undefined ? {} : { timestamp }),
    ...(typeof operation === "string" ? { operation } : {}),
    ...(isJsonObject(operationParameters) ? { operationParameters } : {}),
    ...(isJsonObject(operationMetrics) ? { operationMetrics } : {}),
    ...(typeof userMetadata === "string" ? { userMetadata } : {}),
    ...(typeof engineInfo === "string" ? { engineInfo } : {}),
    ...(typeof isBlindAppend === "boolean" ? { isBlindAppend } : {}),
    filesAdded: adds.length,
    filesRemoved: actions.filter((action) => "remove" in action).length,
    bytesAdded: adds.reduce((sum, add) => sum + add.size, 0),
    ...(records.every((count) => count !== undefined)
      ? { rowsAdded: records.reduce((sum, count) => sum + count, 0) }
      : {}),
  };
}

function longOf(value: JsonValue | undefined): number | undefined {
  return typeof value === "number" || typeof value === "bigint" ? Number(value) : undefined;
}
