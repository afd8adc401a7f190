/** Which version of a table is meant, by its number or by a time. */
import { LandfallError } from "../base/landfall-error.ts";
import type { TableState } from "../delta/table-state.ts";
import { versionAt } from "../delta/version-at.ts";
import type { TableParts } from "./table-access.ts";

export interface AskedVersion {
  readonly version?: number | undefined;
  /** Milliseconds since the epoch, or a Date. Not beside `version`. */
  readonly timestamp?: number | Date | undefined;
}

/** @throws LandfallError USAGE for what numbers no version: a caller's mistake, which no error about the log is to hide */
export function demandVersion(name: string, version: number | undefined): void {
  if (version === undefined || (Number.isSafeInteger(version) && version >= 0)) return;
  throw new LandfallError("USAGE", {
    message: `${name} is no version: ${String(version)}.`,
    hint: "Versions are whole numbers from 0.",
  });
}

/**
 * Undefined where neither is given: the newest is meant.
 *
 * @throws LandfallError USAGE for both of them, a number that is no version or a time that is none, TABLE_VERSION_MISSING for a time at which there was none
 */
export async function askedVersion(
  { version, timestamp: asked }: AskedVersion,
  using: {
    readonly parts: TableParts;
    /** The newest state. */
    readonly newest: (parts: TableParts, signal: AbortSignal) => Promise<TableState>;
    readonly signal: AbortSignal;
  },
): Promise<number | undefined> {
  const { parts, newest, signal } = using;
  demandVersion("version", version);
  if (asked === undefined) return version;
  // Text that is a number is none of a time: "2020" is no year.
  const timestamp = typeof asked === "number" || asked instanceof Date ? Number(asked) : Number.NaN;
  if (version !== undefined || !Number.isFinite(timestamp)) {
    throw new LandfallError("USAGE", {
      message:
        version === undefined ? "timestamp is no time." : "Both a version and a timestamp are asked for.",
      hint: "Give one of them; a timestamp is a Date, or milliseconds since the epoch.",
    });
  }
  return versionAt({ ...parts, timestamp, state: await newest(parts, signal), signal });
}
