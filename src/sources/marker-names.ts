/** Which names are markers, and which marker speaks for a file. Names are encoded. Pure. */
import { encodePathBytes } from "../base/path-bytes.ts";
import type { Marker } from "../declaration/marker.ts";

/** Of a packed file the ending that says so goes with the extension: `x.done` stands for `x.json.gz`. */
const PACKED = /\.(?:gz|zst|zstd|bz2)$/i;

export function isMarkerName(name: string, marker: Marker): boolean {
  if (marker.kind === "file") return name === encodePathBytes(marker.name);
  const end = encodePathBytes(marker.kind === "suffix" ? marker.suffix : marker.extension);
  return name.endsWith(end) && name.length > end.length;
}

/** The marker of a file, by the file's key or name. */
export function markerKeyOf(key: string, marker: Exclude<Marker, { readonly kind: "file" }>): string {
  if (marker.kind === "suffix") return key + encodePathBytes(marker.suffix);
  return stemOf(key) + encodePathBytes(marker.extension);
}

/** A key without the extension of its name; a name that is nothing else keeps it. */
export function stemOf(key: string): string {
  const slash = key.lastIndexOf("/") + 1;
  const name = key.slice(slash).replace(PACKED, "");
  const dot = name.lastIndexOf(".");
  return key.slice(0, slash) + (dot > 0 ? name.slice(0, dot) : name);
}

/** The key of the folder that a key lies in, with its slash; empty for the source itself. */
export function prefixOf(key: string): string {
  return key.slice(0, key.lastIndexOf("/") + 1);
}
