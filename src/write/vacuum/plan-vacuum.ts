/** Which files of a table's folder a vacuum may take away: decided from a listing and from what the log names. Pure. */
import { encodePathBytes, keyText } from "../../base/path-bytes.ts";
import { escapePartitionText } from "../../delta/add-path.ts";
import { LOG_FOLDER } from "../../delta/log-files.ts";
import type { ObjectInfo } from "../../storage/storage.ts";
import type { NamedFiles } from "./named-files.ts";

export interface PlanVacuumOptions extends NamedFiles {
  /** What lies below the table's folder, or, by the log alone, what it names and is there. */
  readonly objects: readonly ObjectInfo[];
  /** Names of the partition columns, as folders may have them. */
  readonly partitionNames: readonly string[];
  /** Milliseconds since the epoch. */
  readonly cutoff: number;
}

/** In ascending order of their keys. What the log does not name may be of a commit that is still to come: it goes only when it is older than the cutoff. */
export function planVacuum(options: PlanVacuumOptions): readonly ObjectInfo[] {
  const { objects, expired, cutoff } = options;
  const needed = new Set(Array.from(options.needed, folded));
  const isHidden = hiddenNames(options.partitionNames);
  const others = tablesInside(objects);
  const files = objects.filter(({ key, modifiedNs }) => {
    if (isHidden(key) || needed.has(folded(key)) || others.some((folder) => key.startsWith(folder)))
      return false;
    return expired.has(key) || BigInt(modifiedNs) < BigInt(cutoff) * 1_000_000n;
  });
  return files.sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** File systems that do not tell letters' cases or forms apart have one file for several names. */
function folded(key: string): string {
  return keyText(key).normalize("NFC").toLowerCase();
}

/**
 * Names that begin with `_` or `.` are not the table's, on any level; but for change data, and for folders of a partition column whose
 * name begins so (PROTOCOL.md, "Delta Table Specification", File Types).
 */
export function hiddenNames(partitionNames: readonly string[]): (key: string) => boolean {
  const folders = partitionNames.map((name) => encodePathBytes(`${escapePartitionText(name)}=`));
  return (key) =>
    key.split("/").some((name, level, names) => {
      if (!/^[_.]/.test(name)) return false;
      const isFolder = level < names.length - 1;
      if (isFolder && level === 0 && name === "_change_data") return false;
      return !(isFolder && folders.some((start) => name.startsWith(start)));
    });
}

/** Folders below this one that are tables of their own. */
function tablesInside(objects: readonly ObjectInfo[]): readonly string[] {
  const found = new Set<string>();
  for (const { key } of objects) {
    const at = key.indexOf(`/${LOG_FOLDER}`);
    if (at >= 0) found.add(key.slice(0, at + 1));
  }
  return [...found];
}
