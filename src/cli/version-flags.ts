/** The flags that name a version of a table. */
import { Option } from "commander";
import { LandfallError } from "../base/landfall-error.ts";
import { parseInstantText } from "../delta/instant-text.ts";
import type { ReadTableOptions } from "../delta/table-state.ts";
import { versionAt } from "../delta/version-at.ts";

export interface VersionFlags {
  readonly version?: string;
  readonly timestamp?: string;
}

export const VERSION = new Option("--version <n>", "as the table was at this version").conflicts("timestamp");

export const TIMESTAMP = new Option(
  "--timestamp <instant>",
  "as the table was at this time, such as 2026-03-01 or 2026-03-01T10:00:00Z; UTC where it names no offset",
);

/**
 * Which version is asked for; nothing for the newest, and where there is no table.
 *
 * @throws LandfallError USAGE, TABLE_VERSION_MISSING for a time at which there was none; as `readTableState`
 */
export async function askedVersion(
  { version, timestamp }: VersionFlags,
  reading: Omit<ReadTableOptions, "version">,
): Promise<{ readonly version?: number }> {
  if (version !== undefined) return { version: demandVersion(version) };
  if (timestamp === undefined) return {};
  const found = await versionAt({ ...reading, timestamp: demandTime(timestamp) });
  return found === undefined ? {} : { version: found };
}

/**
 * The version or the time that a flag names.
 *
 * @throws LandfallError USAGE
 */
export function versionOrTime(flag: string, text: string): number | Date {
  const version = versionOf(text);
  if (version !== undefined) return version;
  const time = timeOf(text);
  if (time !== undefined) return new Date(time);
  throw new LandfallError("USAGE", {
    message: `${flag} ${text}: a version or a time is needed.`,
    hint: "Write it such as 12, 2026-03-01 or 2026-03-01T10:00:00Z; `landfall table history` shows which versions there are.",
  });
}

/** The same for who finds the version of a time itself. @throws LandfallError USAGE */
export function meantVersion({ version, timestamp }: VersionFlags): {
  readonly version?: number;
  readonly timestamp?: number;
} {
  if (version !== undefined) return { version: demandVersion(version) };
  return timestamp === undefined ? {} : { timestamp: demandTime(timestamp) };
}

function versionOf(text: string): number | undefined {
  return /^\d+$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined;
}

/** Milliseconds since the epoch; what is finer is cut. */
function timeOf(text: string): number | undefined {
  const instant = parseInstantText(text);
  if (instant === undefined) return undefined;
  return Date.parse(`${instant.day}T${instant.time}.${instant.micros.slice(0, 3)}Z`);
}

function demandVersion(text: string): number {
  const version = versionOf(text);
  if (version !== undefined) return version;
  throw new LandfallError("USAGE", {
    message: `--version ${text}: a whole number from 0 is needed.`,
    hint: "`landfall table history` shows which there are.",
  });
}

function demandTime(text: string): number {
  const time = timeOf(text);
  if (time !== undefined) return time;
  throw new LandfallError("USAGE", {
    message: `--timestamp ${text}: a time is needed.`,
    hint: "Write it such as 2026-03-01 or 2026-03-01T10:00:00Z.",
  });
}
