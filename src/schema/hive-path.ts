/** Columns in paths, as Hive and Spark write them: `…/year=2024/city=S%C3%A3o/part.json`. */

/** Hive's folder for null. */
const NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__";

/**
 * The keys and values of a path's folders; of a key that stands twice the innermost counts. Null for Hive's null and for an empty
 * value. `path` is the path's bytes: a value that is no UTF-8 once its escapes are undone is `undefined`.
 */
export function hiveValues(path: Buffer): ReadonlyMap<string, string | null | undefined> {
  const values = new Map<string, string | null | undefined>();
  // One character a byte until the escapes are undone.
  const folders = path.toString("latin1").split("/").slice(0, -1);
  for (const folder of folders) {
    const at = folder.indexOf("=");
    if (at < 1) continue;
    const key = unescapedText(folder.slice(0, at));
    const value = folder.slice(at + 1);
    if (key === undefined) continue;
    values.set(key, value === "" || value === NULL_PARTITION ? null : unescapedText(value));
  }
  return values;
}

function unescapedText(latin1: string): string | undefined {
  const text = latin1.replaceAll(/%([0-9a-fA-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  const bytes = Buffer.from(text, "latin1");
  const decoded = bytes.toString("utf8");
  return Buffer.from(decoded, "utf8").equals(bytes) ? decoded : undefined;
}
