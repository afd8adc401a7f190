/**
 * What a predicate says of a floating-point column in a form that row groups can be skipped by. Their bounds leave NaN out, which is above all
 * numbers: `x > 5` may be true in a row group whose maximum is 1. So only what NaN cannot meet is taken: a range with an upper end.
 */
import type { Literal, Predicate } from "../schema/predicate.ts";

/** Both ends belong to it; none is NaN. */
export interface FloatingRange {
  readonly low: number;
  readonly high: number;
}

/** A number for which the predicate is true is not below `low`; nor above `high`, and then NaN is none. */
interface Ends {
  readonly low: number;
  /** Undefined: NaN may be one, too. */
  readonly high: number | undefined;
}

const ANY: Ends = { low: -Infinity, high: undefined };

/**
 * The range that a column's value is in wherever the predicate is true; undefined where NaN, or any number, may be one.
 *
 * @param name of a top-level column, as the schema spells it
 */
export function floatingRange(predicate: Predicate, name: string): FloatingRange | undefined {
  const { low, high } = endsOf(predicate, name);
  return high === undefined ? undefined : { low, high };
}

function endsOf(predicate: Predicate, name: string): Ends {
  switch (predicate.kind) {
    case "and":
      return predicate.of.map((one) => endsOf(one, name)).reduce(both, ANY);
    case "or": {
      const [first = ANY, ...rest] = predicate.of.map((one) => endsOf(one, name));
      return rest.reduce(either, first);
    }
    case "compare": {
      const value = isOf(predicate.column, name) ? numberOf(predicate.value) : undefined;
      return value === undefined ? ANY : COMPARED[predicate.op](value);
    }
    case "in": {
      const values = isOf(predicate.column, name) ? predicate.values.map(numberOf) : [];
      const [first = ANY, ...rest] = values.map((value) =>
        value === undefined ? ANY : COMPARED["="](value),
      );
      return rest.reduce(either, first);
    }
    case "not":
    case "isNull":
    case "isNotNull":
    case "startsWith":
    case "unknown":
      return ANY;
    default:
      return predicate satisfies never;
  }
}

function isOf(path: readonly string[], name: string): boolean {
  return path.length === 1 && path[0] === name;
}

const COMPARED: Readonly<
  Record<Extract<Predicate, { readonly kind: "compare" }>["op"], (value: number) => Ends>
> = {
  "=": (value) => ({ low: value, high: value }),
  "<": (value) => ({ low: -Infinity, high: value }),
  "<=": (value) => ({ low: -Infinity, high: value }),
  ">": (value) => ({ low: value, high: undefined }),
  ">=": (value) => ({ low: value, high: undefined }),
  "<>": () => ANY,
};

/** Undefined for NaN, and for what is no floating-point number. */
function numberOf({ type, text }: Literal): number | undefined {
  if (type !== "float" && type !== "double") return undefined;
  const lower = text.toLowerCase();
  const value = Number(lower.replace(/^(-?)inf$/, "$1Infinity"));
  if (Number.isNaN(value)) return undefined;
  return type === "float" ? Math.fround(value) : value;
}

function both(left: Ends, right: Ends): Ends {
  const { high = right.high } = left;
  return {
    low: Math.max(left.low, right.low),
    high: high === undefined ? undefined : Math.min(high, right.high ?? high),
  };
}

function either(left: Ends, right: Ends): Ends {
  const isOpen = left.high === undefined || right.high === undefined;
  return {
    low: Math.min(left.low, right.low),
    high: isOpen ? undefined : Math.max(left.high, right.high),
  };
}

/**
 * The range as SQL over what a file has of the column: in the file's own type, so that bounds of row groups compare with it.
 *
 * @param read names the column
 * @param type of the file's column: FLOAT or DOUBLE
 */
export function floatingRangeSql(read: string, { low, high }: FloatingRange, type: string): string {
  const [from, to] = type === "FLOAT" ? [-floatFrom(-low), floatFrom(high)] : [low, high];
  const value = (number: number): string => `CAST('${number}' AS ${type})`;
  const upper = `${read} <= ${value(to)}`;
  return from === -Infinity ? upper : `${read} >= ${value(from)} AND ${upper}`;
}

/** The least 32-bit number that is not below a number. */
function floatFrom(value: number): number {
  const near = Math.fround(value);
  if (near >= value) return near;
  const float = new Float32Array([near]);
  const bits = new Int32Array(float.buffer);
  bits[0]! += near < 0 ? -1 : 1;
  return near === 0 ? MIN_FLOAT : float[0]!;
}

const MIN_FLOAT = 2 ** -149;
