import picomatch from "picomatch";
import { displayKey, encodePathBytes, isShownEncoded, keyText } from "../base/path-bytes.ts";

/**
 * Keys that a person names by a glob over paths below the source; one without a slash looks at names in every folder. What is spelt as
 * a name is shown encoded means the files that are shown so, all else also those that are called so.
 */
export function globFilter(glob: string): { keyPrefix: string; accepts: (key: string) => boolean } {
  const matches = picomatch(glob.includes("/") ? glob : `**/${glob}`, { noextglob: true, dot: true });
  const literal = glob.includes("/") ? /^[^*?[\]{}()!\\%]*/.exec(glob)![0] : "";
  const asShown = isShownEncoded(glob);
  return {
    // Up to the first % a name and its key begin alike, once encoded.
    keyPrefix: encodePathBytes(literal),
    accepts: (key) => matches(displayKey(key)) || (!asShown && matches(keyText(key))),
  };
}
