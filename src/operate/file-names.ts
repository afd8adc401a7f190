/** From what a person calls a file to the keys that the ledger may know it by. Pure. */
import { displayKey, encodePathBytes, isShownEncoded } from "../base/path-bytes.ts";
import { globFilter, mayBeGlob } from "./glob-filter.ts";
import { nearest } from "../base/nearest.ts";

/**
 * The keys that a name may stand for, the likeliest first: the key that is shown so; the path below the source, plain or encoded; and,
 * where one of the absolute paths that the name stands for lies in the source, the rest of it.
 *
 * @param options.absolute the paths that the name means where the person stands, such as with links resolved and without
 */
export function possibleKeys(options: {
  readonly name: string;
  readonly absolute: readonly string[];
  readonly source: string;
}): string[] {
  const { name, absolute, source } = options;
  const below = source.endsWith("/") ? source : `${source}/`;
  const relative = absolute
    .filter((path) => path.startsWith(below))
    .map((path) => encodePathBytes(path.slice(below.length)));
  const plain = name.replace(/^(?:\.\/)+/, "");
  const encodedBelow = encodePathBytes(below);
  const rest = name.startsWith(encodedBelow) ? name.slice(encodedBelow.length) : plain;
  const shown = isShownEncoded(rest) && !rest.startsWith("../") ? [rest] : [];
  return [...new Set([...shown, ...relative, encodePathBytes(plain), plain])].filter((key) => key !== "");
}

/** True when a key's last parts are those of the name: `broken.json` and `b/broken.json` for `a/b/broken.json`. */
export function endsWithName(key: string, name: string): boolean {
  return isShownWithName(key, name) || endsWith(key, name) || endsWith(key, encodePathBytes(name));
}

/** Which keys a person means who gives no whole path: those whose last parts are the name, or that the glob takes. */
export function namedSo(name: string): (key: string) => boolean {
  const accepts = mayBeGlob(name) ? globFilter(name).accepts : undefined;
  return (key) => endsWithName(key, name) || accepts?.(key) === true;
}

/** Of keys that end with a name those that are shown so, else all of them. */
export function meantKeys(keys: Iterable<string>, name: string): readonly string[] {
  const all = [...keys];
  const shown = all.filter((key) => isShownWithName(key, name));
  return shown.length > 0 ? shown : all;
}

function isShownWithName(key: string, name: string): boolean {
  return endsWith(displayKey(key), name);
}

function endsWith(path: string, name: string): boolean {
  return path === name || path.endsWith(`/${name}`);
}

/** At most `limit` keys that a person may have meant, judged by the last part of the path. */
export function nearKeys(name: string, keys: readonly string[], limit: number): string[] {
  const last = (text: string): string => text.slice(text.lastIndexOf("/") + 1);
  const byName = new Map<string, string>();
  for (const key of keys) {
    const shown = last(displayKey(key));
    if (!byName.has(shown)) byName.set(shown, key);
  }
  const found: string[] = [];
  while (found.length < limit) {
    const near = nearest(last(name), byName.keys());
    if (near === undefined) break;
    found.push(byName.get(near)!);
    byName.delete(near);
  }
  return found;
}
