/** Which element of an XML file is a row, by its beginning. */
import { SaxesParser } from "saxes";

/**
 * The element that occurs more than once nearest to the root, by its name as written; where none does, the root's first child, and the root
 * where it has no child. Undefined where the text is no XML. The text may end anywhere.
 */
export function findRowTag(text: string): string | undefined {
  const open: string[] = [];
  /** By depth, the root's is 0: how often each name occurs, in the order of the first. */
  const seen: Map<string, number>[] = [];
  let failed = false;
  const parser = new SaxesParser();
  parser.on("opentag", ({ name }) => {
    const counts = (seen[open.length] ??= new Map<string, number>());
    counts.set(name, (counts.get(name) ?? 0) + 1);
    open.push(name);
  });
  parser.on("closetag", () => void open.pop());
  parser.on("error", () => (failed = true));
  for (const piece of text.split(/(?<=>)/)) {
    parser.write(piece);
    if (failed) break;
  }
  for (const counts of seen.slice(1)) {
    const repeated = [...counts].filter(([, count]) => count > 1);
    if (repeated.length > 0) return repeated.reduce((most, one) => (one[1] > most[1] ? one : most))[0];
  }
  return [...(seen[1] ?? seen[0] ?? new Map<string, number>()).keys()][0];
}
