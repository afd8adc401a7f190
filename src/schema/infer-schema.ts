/**
 * From what every path has held to the narrowest type that holds all of it without loss.
 *
 * Nothing here depends on the order of files: columns stand in the order of their first appearance by (file rank by key, byte
 * offset), and of keys that differ by case only the first in byte order is the column (a hint's or the explicit spelling wins).
 */
import {
  nullableField,
  type DataType,
  type MapType,
  type StructField,
  type StructType,
} from "./data-type.ts";
import { compareFirstSeen, mergeTries, type TrieNode } from "./lattice.ts";
import {
  FRACTION_MASK,
  LONG_MASK,
  NUMBER_MASK,
  TEXT_MASK,
  TIMESTAMP_MASK,
  VALUE_CLASS,
} from "./value-class.ts";

const V = VALUE_CLASS;

/** Numbers that become DOUBLE beside a fraction. Integers beyond 64 bits are left out: they are names more often than amounts. */
const DOUBLE_MASK = (LONG_MASK & ~V.INT64) | V.DEC | V.EXP;

export interface InferenceOptions {
  /** Columns whose type is given: they override what is inferred, field by field in structs and elements, and are added if never seen. */
  readonly hints?: StructType;
  /** The whole schema is given: nothing is inferred. */
  readonly explicit?: StructType;
  /** Top-level names that data cannot take (`_rescued_data`, provenance), in any case of letters. */
  readonly reserved?: readonly string[];
  /**
   * Numbers that LONG does not hold become DECIMAL(p,s) with as many digits as were seen before and after the point, where these
   * are at most 38 (Spark's option of this name). Default false.
   */
  readonly prefersDecimal?: boolean;
}

/**
 * The schema of the rows behind a trie.
 *
 * | seen at a path (nulls aside)               | column |
 * | ------------------------------------------ | --- |
 * | integers within 64 bits                    | LONG |
 * | fractions, or integers and fractions       | DOUBLE if every value fits, else STRING of the source text |
 * | integers beyond 64 bits                    | STRING of the source text |
 * | both, with `prefersDecimal`                | DECIMAL of the digits seen, up to 38; else as above |
 * | true, false                                | BOOLEAN |
 * | timestamps of at most 6 fraction digits    | TIMESTAMP |
 * | dates                                      | DATE |
 * | dates and timestamps, other strings        | STRING |
 * | objects                                    | STRUCT, field by field |
 * | arrays                                     | ARRAY of what their elements are together |
 * | two kinds                                  | STRING of the source text |
 * | only null, `{}` or `[]`                    | none yet: a present `{}` or `[]` is rescued |
 */
export function inferSchema(options: {
  readonly trie: TrieNode;
  readonly options?: InferenceOptions;
}): StructType {
  const { hints, explicit, reserved, prefersDecimal = false } = options.options ?? {};
  if (explicit !== undefined) return explicit;
  const taken = new Set((reserved ?? []).map((name) => name.toLowerCase()));
  return { type: "struct", fields: inferFields(options.trie, hints, { taken, prefersDecimal }) };
}

interface Rules {
  /** Names, in lower case, that no column may take. */
  readonly taken: ReadonlySet<string>;
  readonly prefersDecimal: boolean;
}

/**
 * True for a key that a column can hold, under this name or a changed one (`inColumnNames`). The empty key cannot be read by the
 * engine, and NUL ends a name elsewhere: both are rescued.
 */
export function canBeColumn(key: string): boolean {
  return key !== "" && !key.includes("\0") && key.isWellFormed();
}

function inferFields(node: TrieNode, hints: StructType | undefined, rules: Rules): readonly StructField[] {
  const below: Rules = { ...rules, taken: NONE_TAKEN };
  const hinted = new Map((hints?.fields ?? []).map((field) => [field.name.toLowerCase(), field]));
  const placed = new Set<string>();
  const fields: StructField[] = [];
  const seen = [...node.fields].sort(([, a], [, b]) => compareFirstSeen(a.first, b.first));
  // Each type is inferred once: twice a level would be 2^depth for hostile nesting.
  const types = new Map<string, DataType>();
  for (const [key, child] of seen) {
    const type = hinted.has(key.toLowerCase()) ? undefined : inferType(child, undefined, below);
    if (type !== undefined) types.set(key, type);
  }
  const winners = spellings(types.keys(), rules.taken);
  for (const [key, child] of seen) {
    const folded = key.toLowerCase();
    const hint = hinted.get(folded);
    const type = types.get(key);
    if (hint !== undefined) {
      // What stands under another spelling is rescued where there is this one, and no field is made for it.
      const spelt = node.fields.get(hint.name) ?? child;
      if (!placed.has(folded))
        fields.push({ ...hint, type: inferType(spelt, hint.type, below) ?? hint.type });
      placed.add(folded);
    } else if (type !== undefined && winners.get(folded) === key) fields.push(nullableField(key, type));
  }
  for (const [folded, field] of hinted) if (!placed.has(folded)) fields.push(field);
  return fields;
}

/** For each name, whatever its case, the key that becomes the column: of those that have a type, the first in byte order. */
function spellings(keys: Iterable<string>, taken: ReadonlySet<string>): Map<string, string> {
  const winners = new Map<string, string>();
  for (const key of keys) {
    const folded = key.toLowerCase();
    if (taken.has(folded) || !canBeColumn(key)) continue;
    const other = winners.get(folded);
    if (other === undefined || Buffer.compare(Buffer.from(key), Buffer.from(other)) < 0)
      winners.set(folded, key);
  }
  return winners;
}

/** The type of one path; undefined while nothing with a type has been seen. */
function inferType(node: TrieNode, hint: DataType | undefined, rules: Rules): DataType | undefined {
  if (hint !== undefined) {
    if (typeof hint === "string") return hint;
    if (hint.type === "map") return hintedMap(node, hint, rules);
    if (hint.type === "struct") return { type: "struct", fields: inferFields(node, hint, rules) };
    if (node.element === undefined) return hint;
    return { ...hint, elementType: inferType(node.element, hint.elementType, rules) ?? hint.elementType };
  }
  const mask = node.mask & ~(V.NULL | V.DUP);
  const within = (allowed: number): boolean => (mask & ~allowed) === 0;
  if (mask === 0) return undefined;
  if (mask === V.OBJ) {
    const fields = inferFields(node, undefined, rules);
    return fields.length === 0 ? undefined : { type: "struct", fields };
  }
  if (mask === V.ARR) {
    const elementType = node.element === undefined ? undefined : inferType(node.element, undefined, rules);
    return elementType === undefined ? undefined : { type: "array", elementType, containsNull: true };
  }
  if (mask === V.BOOL) return "boolean";
  if (mask === V.DATE) return "date";
  if (within(TIMESTAMP_MASK)) return "timestamp";
  if (within(TEXT_MASK)) return "string";
  if (within(LONG_MASK)) return "long";
  if (rules.prefersDecimal && within(NUMBER_MASK) && node.integerDigits + node.scale <= 38)
    return `decimal(${Math.max(1, node.integerDigits + node.scale)},${node.scale})`;
  if (within(DOUBLE_MASK) && (mask & FRACTION_MASK) !== 0) return "double";
  return "string";
}

/** Values of a map evolve as those of any other place: all keys hold one thing. */
function hintedMap(node: TrieNode, hint: MapType, rules: Rules): MapType {
  if (typeof hint.valueType === "string" || node.fields.size === 0) return hint;
  const values = [...node.fields.values()].reduce(mergeTries);
  return { ...hint, valueType: inferType(values, hint.valueType, rules) ?? hint.valueType };
}

const NONE_TAKEN: ReadonlySet<string> = new Set();
