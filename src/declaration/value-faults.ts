/** Checks of single values that need more than a type: locations and time zones. */
import { nearest } from "../base/nearest.ts";
import { readPartition } from "../schema/computed-column.ts";
import { isColumnName } from "../schema/source-name.ts";

/** Why a value is refused: read on after the option's name. */
export interface ValueFault {
  readonly message: string;
  readonly hint?: string;
  /** The value that was probably meant. */
  readonly suggestion?: string;
}

/** A location must be a path of this machine; stores that do not exist yet are refused by name, never taken for folders. */
export function locationFault(location: string): ValueFault | undefined {
  if (location.trim() === "") return { message: "must be a path, not empty" };
  if (location.includes("\0")) return { message: "holds a NUL character, which no path does" };
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(location)?.[1];
  if (scheme !== undefined) {
    return {
      message: `is on ${scheme}://, which this version does not support`,
      hint: "This version reads and writes folders of this machine.",
    };
  }
  if (/^~(?:\/|$)/.test(location)) {
    return {
      message: "begins with ~, which only a shell replaces by the home folder",
      hint: "Write the whole path, or ./~ for a folder of that name.",
    };
  }
  return undefined;
}

/** A partition is a column, or a function of one that can be computed. */
export function partitionFault(text: string): ValueFault | undefined {
  const reading = readPartition(text);
  if (reading.kind !== "fault") return undefined;
  const { message, hint, suggestion } = reading;
  return {
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}

/** A pattern that is compared with one name of a path. */
export function namePatternFault(pattern: string): ValueFault | undefined {
  if (pattern === "") return { message: "must be a glob, not empty" };
  if (!pattern.includes("/")) return undefined;
  return {
    message: "is compared with the names of files and folders, which hold no /",
    hint: "Name the folder alone: `backup` passes every folder of that name by.",
  };
}

/** A key of a path becomes a column under its own name. */
export function pathColumnFault(key: string): ValueFault | undefined {
  if (key.trim() === "") return { message: "must be the key of a folder, not empty" };
  if (isColumnName(key)) return undefined;
  return { message: `names ${JSON.stringify(key)}, which Spark refuses as a column's name` };
}

/** A time zone must be an IANA name that this Node's ICU knows; fixed offsets are refused, since no engine agrees on them. */
export function timeZoneFault(zone: string): ValueFault | undefined {
  if (/^[A-Za-z]/.test(zone) && isKnownZone(zone)) return undefined;
  const suggestion = nearest(zone, ["UTC", ...Intl.supportedValuesOf("timeZone")]);
  return {
    message: `${JSON.stringify(zone)} is no IANA time zone`,
    ...(suggestion === undefined ? { hint: "Write a name such as UTC or Europe/Berlin." } : { suggestion }),
  };
}

function isKnownZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone !== "";
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** The date parts of an archive's folder, and where each stands in an ISO instant. */
export const DATE_PARTS: Readonly<Record<string, readonly [start: number, end: number]>> = {
  "{yyyy}": [0, 4],
  "{MM}": [5, 7],
  "{dd}": [8, 10],
  "{HH}": [11, 13],
};

/** A folder may hold date parts behind its first, literal part. */
export function archiveFolderFault(location: string): ValueFault | undefined {
  const fault = locationFault(location);
  if (fault !== undefined) return fault;
  const hint = `Known are ${Object.keys(DATE_PARTS).join(", ")}, in UTC: archive/{yyyy}/{MM}/{dd}.`;
  const unknown = location.match(/\{[^}]*\}?|\}/g)?.find((part) => !Object.hasOwn(DATE_PARTS, part));
  if (unknown !== undefined) return { message: `holds ${unknown}, which is no date part`, hint };
  if (location.startsWith("{"))
    return { message: "begins with a date part", hint: "Name a folder first: archive/{yyyy}/{MM}/{dd}." };
  return undefined;
}

/** What people write for true and false in YAML, which is text: nobody means a folder by it. */
const TRUTHS: ReadonlyMap<string, boolean> = new Map([
  ...["true", "yes", "y", "on"].map((word) => [word, true] as const),
  ...["false", "no", "n", "off"].map((word) => [word, false] as const),
]);

/** `table.history` as text: a folder. */
export function historyFault(location: string): ValueFault | undefined {
  const truth = TRUTHS.get(location.trim().toLowerCase());
  if (truth === undefined) return plainFolderFault(location);
  return {
    message: `must be true, false or a folder, not the text ${JSON.stringify(location)}`,
    suggestion: String(truth),
    hint: `For a folder of that name write ./${location.trim()}.`,
  };
}

/** No date parts where nothing is sorted by date. */
export function plainFolderFault(location: string): ValueFault | undefined {
  const fault = locationFault(location);
  if (fault !== undefined || !/[{}]/.test(location)) return fault;
  return { message: "holds { or }; only archive.to has date parts" };
}
