import picomatch from "picomatch";
import { displayKey, encodePathBytes, isShownEncoded, keyText } from "../base/path-bytes.ts";

export interface GlobFilter {
  /** Beginning of every key that is accepted, encoded. */
  readonly keyPrefix: string;
  readonly accepts: (key: string) => boolean;
}

/**
 * Keys that a person names by a glob over paths below the source; one without a slash looks at names in every folder. What is spelt as
 * a name is shown encoded means the files that are shown so, all else also those that are called so.
 */
export function globFilter(glob: string): GlobFilter {
  return filterOf(glob, glob.includes("/") ? glob : `**/${glob}`);
}

/**
 * The same for a glob that may begin where the person stands (`./arrivals/*.json`) or at the root: what lies in the source then
 * counts from the source on. Others count as `globFilter` says.
 */
export function globBelow(glob: {
  readonly text: string;
  readonly absolute: string;
}): (source: string) => GlobFilter {
  return (source) => {
    const below = source.endsWith("/") ? source : `${source}/`;
    if (!glob.absolute.startsWith(below)) return globFilter(glob.text);
    const rest = glob.absolute.slice(below.length);
    return filterOf(rest, rest);
  };
}

/** True for a text with one of the characters that make it more than a name. */
export function mayBeGlob(text: string): boolean {
  return /[*?[\]{}()!]/.test(text);
}

function filterOf(glob: string, pattern: string): GlobFilter {
  const matches = picomatch(pattern, { noextglob: true, dot: true });
  const literal = pattern === glob ? /^[^*?[\]{}()!\\%]*/.exec(glob)![0] : "";
  const asShown = isShownEncoded(glob);
  return {
    // Up to the first % a name and its key begin alike, once encoded.
    keyPrefix: encodePathBytes(literal),
    accepts: (key) => matches(displayKey(key)) || (!asShown && matches(keyText(key))),
  };
}
