/**
 * Which values fit which columns. `FITS` is total: every class of value × every kind of column has a verdict and a reason.
 * The rule behind it: no cast that loses a digit or changes a meaning; what does not fit is rescued, never bent.
 */
import { decimalOf, type DataType, type StructType } from "./data-type.ts";
import { fitsDecimal, fitsFloat } from "./decimal-value.ts";
import {
  LONG_MASK,
  NUMBER_MASK,
  TEXT_MASK,
  TIMESTAMP_MASK,
  VALUE_CLASS,
  VALUE_CLASSES,
  VALUE_MASK,
  type ValueClass,
} from "./value-class.ts";
import type { TrieNode } from "./lattice.ts";

/** A column's type without its parameters; `none` is a key that has no column. */
export type ColumnKind =
  | "string"
  | "long"
  | "integer"
  | "short"
  | "byte"
  | "float"
  | "double"
  | "decimal"
  | "boolean"
  | "binary"
  | "date"
  | "timestamp"
  | "timestamp_ntz"
  | "struct"
  | "array"
  | "map"
  | "none";

/**
 * - `fits`: goes into the column as it stands.
 * - `byValue`: the digits decide (`numberVerdict`).
 * - `sourceText`: goes into the column as its JSON source text; the record is rewritten, nothing is rescued.
 * - `rescued`: the column is null and the source text stands in `_rescued_data`.
 */
export type Verdict = "fits" | "byValue" | "sourceText" | "rescued";

export interface Fit {
  readonly verdict: Verdict;
  readonly reason: string;
}

const V = VALUE_CLASS;

interface KindRule {
  readonly fits: number;
  readonly byValue?: number;
  readonly sourceText?: number;
  /** Why the rest does not fit. */
  readonly otherwise: string;
}

const KIND_RULES: Readonly<Record<ColumnKind, KindRule>> = {
  // The engine prints true, false and 64-bit integers as they were written, all but -0, which is among INT8; other numbers and
  // what is nested it prints in its own way (engine facts, §4).
  string: {
    fits: TEXT_MASK | V.BOOL | (LONG_MASK & ~V.INT8),
    sourceText: V.INT8 | (NUMBER_MASK & ~LONG_MASK) | V.OBJ | V.ARR,
    otherwise: "",
  },
  long: { fits: LONG_MASK, otherwise: "only integers within 64 bits, written without fraction or exponent" },
  integer: {
    fits: V.INT8 | V.INT16 | V.INT32,
    otherwise: "only integers within 32 bits, written without fraction or exponent",
  },
  short: {
    fits: V.INT8 | V.INT16,
    otherwise: "only integers within 16 bits, written without fraction or exponent",
  },
  byte: { fits: V.INT8, otherwise: "only integers within 8 bits, written without fraction or exponent" },
  float: { fits: 0, byValue: NUMBER_MASK, otherwise: "only numbers" },
  double: {
    fits: V.INT8 | V.INT16 | V.INT32 | V.INT15 | V.INT64_EXACT | V.BIG_EXACT | V.DEC | V.EXP,
    otherwise: "only numbers that DOUBLE keeps exactly or prints back as the same decimal value",
  },
  decimal: { fits: 0, byValue: NUMBER_MASK, otherwise: "only numbers" },
  boolean: { fits: V.BOOL, otherwise: "only true and false" },
  binary: { fits: 0, otherwise: "JSON has no bytes, and Landfall guesses no encoding" },
  date: { fits: V.DATE, otherwise: "only YYYY-MM-DD" },
  timestamp: {
    fits: TIMESTAMP_MASK,
    otherwise:
      "only date and time to the second, with at most 6 digits of a fraction; a date alone names no instant",
  },
  timestamp_ntz: {
    fits: V.TS_LOCAL,
    otherwise:
      "only date and time without a zone, which would be dropped, and with at most 6 digits of a fraction",
  },
  struct: { fits: V.OBJ, otherwise: "only objects" },
  array: { fits: V.ARR, otherwise: "only arrays" },
  map: {
    fits: V.OBJ,
    otherwise: "only objects, whole: if a value of its keys does not fit, the object is rescued",
  },
  none: { fits: 0, otherwise: "no column has this key" },
};

function fitOf(kind: ColumnKind, name: ValueClass): Fit {
  const rule = KIND_RULES[kind];
  const bit = VALUE_CLASS[name];
  if (bit === V.NULL) return { verdict: "fits", reason: "null is the absence of a value in every column" };
  if (bit === V.DUP)
    return { verdict: "rescued", reason: "the last of equal keys counts; those before it are rescued" };
  if ((rule.fits & bit) !== 0) return { verdict: "fits", reason: "held without loss" };
  if (((rule.byValue ?? 0) & bit) !== 0) {
    return { verdict: "byValue", reason: "held if every digit fits, else rescued" };
  }
  if (((rule.sourceText ?? 0) & bit) !== 0) {
    return { verdict: "sourceText", reason: "a string column holds the JSON source text of other values" };
  }
  return { verdict: "rescued", reason: rule.otherwise };
}

function rowOf(kind: ColumnKind): Readonly<Record<ValueClass, Fit>> {
  return Object.fromEntries(VALUE_CLASSES.map((name) => [name, fitOf(kind, name)])) as Record<
    ValueClass,
    Fit
  >;
}

/** Every kind of column, in the order in which the documentation prints them. */
export const COLUMN_KINDS = Object.keys(KIND_RULES) as readonly ColumnKind[];

/** The verdict on every class of value in every kind of column. */
export const FITS = Object.fromEntries(COLUMN_KINDS.map((kind) => [kind, rowOf(kind)])) as Readonly<
  Record<ColumnKind, Readonly<Record<ValueClass, Fit>>>
>;

/** The kind of a type; `undefined` is a key without a column. */
export function columnKind(type: DataType | undefined): ColumnKind {
  if (type === undefined) return "none";
  // The keys of JSON are texts, and a map of other keys has no place for them.
  if (typeof type === "object" && type.type === "map" && type.keyType !== "string") return "none";
  if (typeof type !== "string") return type.type;
  return decimalOf(type) === undefined ? (type as ColumnKind) : "decimal";
}

/** The classes that the scanner must report in a column of this kind: all but `fits` and `byValue`. NULL is never denied. */
export function denyMask(kind: ColumnKind): number {
  let mask = 0;
  for (const name of VALUE_CLASSES) {
    const { verdict } = FITS[kind][name];
    if (verdict === "sourceText" || verdict === "rescued") mask |= VALUE_CLASS[name];
  }
  return mask;
}

/** A column where the digits decide. */
export type NumberCheck =
  | { readonly kind: "float" }
  | { readonly kind: "decimal"; readonly precision: number; readonly scale: number };

/**
 * Whether a number fits a column with a check. `rewrite`: it fits, but the engine reads numbers through a DOUBLE, so that
 * more than 15 digits, or an exponent, must reach a decimal column as quoted text (`plainDecimalText`).
 */
export function numberVerdict(text: string, check: NumberCheck): "fits" | "rewrite" | "rescued" {
  if (check.kind === "float") return fitsFloat(text) ? "fits" : "rescued";
  if (!fitsDecimal(text, check.precision, check.scale)) return "rescued";
  return text.length <= 15 && !/[eE]/.test(text) ? "fits" : "rewrite";
}

/** A schema made ready for the scanner and for repair: one node per path. */
export interface TargetNode {
  readonly type: DataType | undefined;
  readonly kind: ColumnKind;
  readonly deny: number;
  readonly check: NumberCheck | undefined;
  /** By exact key: keys that differ from a column's name by case only are other keys, and rescued unless `byFolded` has them. */
  readonly fields: ReadonlyMap<string, TargetNode>;
  /** `readerCaseSensitive: false`: the keys of `fields` by themselves in lower case. */
  readonly byFolded: ReadonlyMap<string, string> | undefined;
  readonly element: TargetNode | undefined;
  /** What stands at every key of a map. */
  readonly values: TargetNode | undefined;
}

/** What stands at a key of an object. */
export function fieldTarget(target: TargetNode, key: string): TargetNode {
  return target.fields.get(key) ?? target.values ?? NO_COLUMN;
}

/** What stands at every path without a column: everything but null is rescued. */
export const NO_COLUMN: TargetNode = {
  type: undefined,
  kind: "none",
  deny: denyMask("none"),
  check: undefined,
  fields: new Map(),
  byFolded: undefined,
  element: undefined,
  values: undefined,
};

/**
 * The key of `target.fields` that a key of an object goes to; undefined for none. Of keys that differ by case only the one that is
 * spelt like the column goes first: `has` tells whether the object has a key.
 */
export function columnKey(
  target: TargetNode,
  key: string,
  has: (key: string) => boolean,
): string | undefined {
  if (target.fields.has(key)) return key;
  const column = target.byFolded?.get(key.toLowerCase());
  return column === undefined || has(column) ? undefined : column;
}

function targetOf(type: DataType, ignoresCase: boolean): TargetNode {
  const kind = columnKind(type);
  const decimal = decimalOf(type);
  const check: NumberCheck | undefined =
    kind === "float" ? { kind } : decimal === undefined ? undefined : { kind: "decimal", ...decimal };
  const compound = typeof type === "string" ? undefined : type;
  const fields = compound?.type === "struct" ? compound.fields : [];
  return {
    type,
    kind,
    deny: denyMask(kind),
    check,
    fields: new Map(fields.map((field) => [field.name, targetOf(field.type, ignoresCase)])),
    byFolded: ignoresCase ? new Map(fields.map(({ name }) => [name.toLowerCase(), name])) : undefined,
    element: compound?.type === "array" ? targetOf(compound.elementType, ignoresCase) : undefined,
    values:
      kind === "map" && compound?.type === "map" ? targetOf(compound.valueType, ignoresCase) : undefined,
  };
}

/**
 * Compiles a schema. `notFromData` names top-level columns that Landfall fills itself (`_rescued_data`, provenance, generated
 * columns), in any case of letters: a key of such a name in the data is rescued.
 */
export function compileTarget(options: {
  readonly schema: StructType;
  readonly notFromData?: readonly string[];
  /** Keys that differ from a column's by case only go into it. Default false. */
  readonly ignoresCase?: boolean;
}): TargetNode {
  const own = new Set((options.notFromData ?? []).map((name) => name.toLowerCase()));
  const fields = options.schema.fields.filter((field) => !own.has(field.name.toLowerCase()));
  return targetOf({ type: "struct", fields }, options.ignoresCase ?? false);
}

/** A path whose values do not all fit as they stand. */
export interface Misfit {
  /** Keys from the top; `null` stands for the elements of an array. */
  readonly path: readonly (string | null)[];
  /** The classes that do not fit, or that only the digits can decide. */
  readonly classes: number;
}

/**
 * The paths of a trie that do not wholly fit a target. None: no record of those files needs repair, and the files can go to
 * the engine unchanged. Otherwise scan the files again with the target, which finds the records.
 * A trie with more paths than the scanner keeps never counts as fitting.
 */
export function misfitsOf(options: { readonly trie: TrieNode; readonly target: TargetNode }): Misfit[] {
  const misfits: Misfit[] = [];
  collectMisfits(options.trie, options.target, [], misfits);
  return misfits;
}

function collectMisfits(
  node: TrieNode,
  target: TargetNode,
  path: readonly (string | null)[],
  misfits: Misfit[],
): void {
  const classes = node.overflowed ? VALUE_MASK : (node.mask & target.deny) | undecided(node, target.check);
  if (classes !== 0) misfits.push({ path, classes });
  // Below a key without a column the key itself has been named, and below nulls there is nothing.
  if (target.kind === "struct" || target.kind === "map") {
    for (const [key, field] of node.fields) {
      collectMisfits(field, fieldTarget(target, key), [...path, key], misfits);
    }
  }
  if (node.element !== undefined && target.element !== undefined) {
    collectMisfits(node.element, target.element, [...path, null], misfits);
  }
}

/** The numbers that a mask cannot decide for a column with a check. */
function undecided(node: TrieNode, check: NumberCheck | undefined): number {
  if (check === undefined) return 0;
  const numbers = node.mask & NUMBER_MASK;
  if (check.kind === "float") return numbers & ~(V.INT8 | V.INT16);
  const { precision, scale } = check;
  const plain = (numbers & (V.EXP | V.EXP_LONG)) === 0;
  // One character each for sign and point: the bound of `numberVerdict` is on the length of the text.
  const short = node.integerDigits + node.scale <= 13;
  return plain && short && node.integerDigits <= precision - scale && node.scale <= scale ? 0 : numbers;
}
