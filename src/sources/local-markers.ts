/** The markers of a local source: what they say of a file that lies there. A marker speaks for what is not newer than itself. */
import { statSync, type BigIntStats } from "node:fs";
import { decodePathBytes, encodePathBytes } from "../base/path-bytes.ts";
import type { Marker } from "../declaration/marker.ts";
import { isMarkerName, markerKeyOf, prefixOf } from "./marker-names.ts";
import type { PassedBy } from "./passed-by.ts";

/** A folder whose marker is there. */
export interface MarkedFolder {
  /** Empty, or a key that ends in a slash. */
  readonly prefix: string;
  readonly mtimeNs: bigint;
}

export interface LocalMarkers {
  readonly isMarker: (name: string) => boolean;
  /** The folder itself, or the nearest one above it, whose marker is there; undefined for none, and where markers are of single files. */
  markedFolder(prefix: string): MarkedFolder | undefined;
  /** The same where it is known of the folder above. To be asked before the folder is read: then its files are complete. */
  markedBelow(prefix: string, above: MarkedFolder | undefined): MarkedFolder | undefined;
  /** Why a file is not finished; undefined where it is. `folder` is the marked one that it lies in, as above. */
  judge(key: string, info: BigIntStats, folder: MarkedFolder | undefined): PassedBy | undefined;
}

/** `rootKey`: absolute, encoded. */
export function localMarkers(marker: Marker, rootKey: string): LocalMarkers {
  const timeOf = (key: string): bigint | undefined => {
    try {
      const info = statSync(decodePathBytes(`${rootKey}/${key}`), { bigint: true, throwIfNoEntry: false });
      return info?.isFile() === true ? info.mtimeNs : undefined;
    } catch {
      // What cannot be looked at says nothing: the files wait.
      return undefined;
    }
  };
  const own = (prefix: string): MarkedFolder | undefined => {
    if (marker.kind !== "file") return undefined;
    const mtimeNs = timeOf(prefix + encodePathBytes(marker.name));
    return mtimeNs === undefined ? undefined : { prefix, mtimeNs };
  };
  return {
    isMarker: (name) => isMarkerName(name, marker),
    markedFolder(prefix) {
      if (marker.kind !== "file") return undefined;
      for (let at = prefix; ; at = prefixOf(at.slice(0, -1))) {
        const found = own(at);
        if (found !== undefined || at === "") return found;
      }
    },
    markedBelow: (prefix, above) => own(prefix) ?? above,
    judge(key, info, folder) {
      const said = marker.kind === "file" ? folder?.mtimeNs : timeOf(markerKeyOf(key, marker));
      if (said === undefined) return { why: "unmarked" };
      return info.mtimeNs > said ? { why: "newerThanMarker" } : undefined;
    },
  };
}
