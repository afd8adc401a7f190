/** Which names of a source are looked at, judged by the names alone. Pure. */
import type { PassedBy } from "./passed-by.ts";

export interface NameRules {
  /** Names that begin with `.` or `_` are passed by. Default: true. */
  readonly ignoreHidden?: boolean;
  /** The pattern by which an encoded name is passed by; undefined for none. Default: none ever is. */
  readonly ignoredBy?: (name: string) => string | undefined;
}

/** What Landfall keeps in a source (the holding folder), and what must never be read as data. */
const OWN: ReadonlySet<string> = new Set([".landfall", "_landfall", "_delta_log"]);

/** The encoded name of one file or folder; undefined: it is looked at. */
export function judgeName(name: string, rules: NameRules): PassedBy | undefined {
  const { ignoreHidden = true, ignoredBy } = rules;
  const isHidden = name.startsWith(".") || name.startsWith("_");
  if (isHidden && OWN.has(name)) return { why: "own" };
  if (isHidden && ignoreHidden) return { why: "hidden" };
  const pattern = ignoredBy?.(name);
  return pattern === undefined ? undefined : { why: "ignored", pattern };
}

/** The first name of a key, or of a folder's key with its slash, that is passed by. */
export function judgeKey(key: string, rules: NameRules): PassedBy | undefined {
  for (const name of key.split("/")) {
    const passedBy = judgeName(name, rules);
    if (passedBy !== undefined) return passedBy;
  }
  return undefined;
}
