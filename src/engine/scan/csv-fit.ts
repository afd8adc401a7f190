/** Which CSV fields fit which columns by their classes. A string column takes any text as it stands. */
import { columnKey, FITS, NO_COLUMN, type TargetNode } from "../../schema/fit.ts";
import type { TrieNode } from "../../schema/lattice.ts";
import { VALUE_CLASS, VALUE_CLASSES } from "../../schema/value-class.ts";

/** What a string column accepts: no field needs a look. */
export const EVERYTHING = -1;

const { EXP, EXP_LONG, NULL } = VALUE_CLASS;

/** The classes that go into a column, the digits of numbers aside. */
export function acceptedBy(node: TargetNode): number {
  if (node.kind === "string") return EVERYTHING;
  let mask = 0;
  for (const name of VALUE_CLASSES) {
    const { verdict } = FITS[node.kind][name];
    if (verdict === "fits" || verdict === "byValue") mask |= VALUE_CLASS[name];
  }
  return mask;
}

/** The column of each name of a header, in their order; of a name that has none, the name. */
export function columnNames(target: TargetNode, names: readonly string[]): string[] {
  const inFile = new Set(names);
  return names.map((name) => columnKey(target, name, (other) => inFile.has(other)) ?? name);
}

/**
 * True where no value below these names can be but at home in its column. `trie` holds what the file's columns have held, and may
 * hold more.
 */
export function fitsWhole(options: {
  readonly names: readonly string[];
  readonly trie: TrieNode;
  readonly target: TargetNode;
}): boolean {
  const { names, trie, target } = options;
  const columns = columnNames(target, names);
  return names.every((name, i) => {
    const found = trie.fields.get(name);
    return found === undefined || takes(target.fields.get(columns[i]!) ?? NO_COLUMN, found);
  });
}

function takes(node: TargetNode, found: TrieNode): boolean {
  const values = found.mask & ~NULL;
  if (values === 0) return true;
  if ((values & ~acceptedBy(node)) !== 0) return false;
  const { check } = node;
  if (check === undefined) return true;
  if (check.kind === "float" || (values & (EXP | EXP_LONG)) !== 0) return false;
  return found.integerDigits <= check.precision - check.scale && found.scale <= check.scale;
}
