import picomatch from "picomatch";
import { displayKey, encodePathBytes } from "../base/path-bytes.ts";

/** Keys that a person names by a glob over paths below the source; one without a slash looks at names in every folder. */
export function globFilter(glob: string): { keyPrefix: string; accepts: (key: string) => boolean } {
  const matches = picomatch(glob.includes("/") ? glob : `**/${glob}`, { noextglob: true, dot: true });
  const literal = glob.includes("/") ? /^[^*?[\]{}()!\\]*/.exec(glob)![0] : "";
  return {
    keyPrefix: encodePathBytes(literal),
    accepts: (key) => matches(displayKey(key)),
  };
}
