/** What a table is made of, as damage sees it: each file, and where in it. */
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";

/** Kinds that say which rows the data files have, not what stands in them. */
export const OF_THE_LOG = new Set(["commit", "checkpoint", "sidecar", "hint"]);

/** The files of a table, relative to it, by the kind of damage that is meant for each. */
export function filesByKind(table: string): Map<string, string[]> {
  const kinds = new Map<string, string[]>();
  for (const entry of readdirSync(table, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name).slice(table.length + 1);
    for (const kind of kindsOf(file)) kinds.set(kind, [...(kinds.get(kind) ?? []), file].sort());
  }
  return kinds;
}

function kindsOf(file: string): string[] {
  const name = basename(file);
  if (name.startsWith(".") || name.startsWith("_SUCCESS")) return [];
  if (file.startsWith("_delta_log/_sidecars/")) return ["sidecar"];
  if (file.startsWith("_delta_log/")) {
    if (name === "_last_checkpoint" || name.endsWith(".crc")) return ["hint"];
    if (name.includes(".checkpoint.")) return ["checkpoint"];
    return name.endsWith(".json") ? ["commit"] : [];
  }
  if (name.endsWith(".bin")) return ["vector"];
  return name.endsWith(".parquet") ? ["footer", "page"] : [];
}

/** Where a Parquet file's footer is, or what stands before it; anywhere in other files. */
export function rangeOf(kind: string, bytes: Buffer): [number, number] {
  const footer =
    bytes.length - 8 - (kind === "footer" || kind === "page" ? bytes.readUInt32LE(bytes.length - 8) : 0);
  if (kind === "footer") return [footer, bytes.length];
  return kind === "page" ? [0, footer] : [0, bytes.length];
}
