/** Hints of a watch where markers say what is finished: a marker that came is a hint of what it speaks for. */
import type { Marker } from "../declaration/marker.ts";
import { encodePathBytes } from "../base/path-bytes.ts";
import { isMarkerName, prefixOf, stemOf } from "./marker-names.ts";
import type { Hints, SourceWatch } from "./source.ts";

/** Files that came before their markers, which do not tell the files' extensions. With more of them a listing is as quick. */
const MAX_KEYS = 20_000;

export function markedWatch(watch: SourceWatch, marker: Marker): SourceWatch {
  let byStem = new Map<string, string[]>();
  let remembered = 0;

  const translate = (told: Hints): Hints => {
    const keys = new Set<string>();
    const folders = new Set(told.folders);
    let { isPartial } = told;
    for (const key of told.keys) {
      const prefix = prefixOf(key);
      const isMarker = isMarkerName(key.slice(prefix.length), marker);
      if (marker.kind === "file") {
        // A file by itself says nothing before its folder's marker does.
        if (isMarker) folders.add(prefix);
      } else if (marker.kind === "suffix") {
        keys.add(isMarker ? key.slice(0, -encodePathBytes(marker.suffix).length) : key);
      } else {
        const stem = stemOf(key);
        if (!isMarker) {
          keys.add(key);
          if (remembered >= MAX_KEYS) {
            isPartial = true;
            byStem = new Map();
            remembered = 0;
          }
          byStem.set(stem, [...(byStem.get(stem) ?? []), key]);
          remembered += 1;
        }
      }
    }
    if (marker.kind === "extension") {
      // In one crowd the marker may be told before its file.
      for (const key of told.keys) {
        const stem = stemOf(key);
        const found = byStem.get(stem);
        if (found === undefined || !isMarkerName(key.slice(prefixOf(key).length), marker)) continue;
        for (const one of found) keys.add(one);
        byStem.delete(stem);
        remembered -= found.length;
      }
    }
    return { keys, folders, isPartial };
  };
  return {
    get fault() {
      return watch.fault;
    },
    wait: (options) => watch.wait(options),
    take: () => translate(watch.take()),
    close: () => watch.close(),
  };
}
