/** Paths of keys into a JSON document, as people write them: `$.data.items`, `$['a.b'].items`. */

const PART = /\.([A-Za-z_\u0080-\u{10ffff}][\w\u0080-\u{10ffff}-]*)|\['((?:[^'\\]|\\['\\])*)'\]/uy;

/** The keys of a path; undefined for text that is none. `[*]` at the end means what its absence means. */
export function parseJsonPath(text: string): readonly string[] | undefined {
  const path = text.endsWith("[*]") ? text.slice(0, -3) : text;
  if (!path.startsWith("$")) return undefined;
  const keys: string[] = [];
  PART.lastIndex = 1;
  while (PART.lastIndex < path.length) {
    const match = PART.exec(path);
    if (match === null) return undefined;
    keys.push(match[1] ?? match[2]!.replaceAll(/\\(.)/gs, "$1"));
  }
  return keys;
}

/** The path in its usual notation. */
export function formatJsonPath(keys: readonly string[]): string {
  const parts = keys.map((key) =>
    /^[A-Za-z_][\w-]*$/.test(key) ? `.${key}` : `['${key.replaceAll(/['\\]/g, "\\$&")}']`,
  );
  return `$${parts.join("")}`;
}
