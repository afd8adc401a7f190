/** Random conditions over a table's columns: as SQL, and as what SQL's three-valued logic makes of a row, computed without an engine. */
import { quoteName, quoteText } from "../../src/engine/sql.ts";
import type { SeededRandom } from "../../src/operate/prove/seeded-random.ts";
import type { CanonicalRow } from "./canonical-rows.ts";
import type { NamedType } from "./canonical-values.ts";

export interface RandomCondition {
  readonly sql: string;
  /** null is SQL's: neither true nor false. */
  readonly of: (row: CanonicalRow) => boolean | null;
}

interface Leaf {
  readonly path: readonly string[];
  readonly type: string;
}

const COMPARABLE =
  /^(?:byte|short|integer|long|float|double|string|boolean|date|timestamp|timestamp_ntz|decimal\(.*\))$/;
const OPERATORS: Readonly<Record<string, (order: number) => boolean>> = {
  "=": (order) => order === 0,
  "<>": (order) => order !== 0,
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
  ">": (order) => order > 0,
  ">=": (order) => order >= 0,
};

/** @param options.rows canonical, of which values are taken to compare with; undefined where no column can be compared */
export function randomCondition(options: {
  readonly random: SeededRandom;
  readonly fields: readonly NamedType[];
  readonly rows: readonly CanonicalRow[];
}): RandomCondition | undefined {
  const leaves = leavesOf(options.fields, []);
  return leaves.length === 0 ? undefined : conditionOf({ ...options, leaves }, 2);
}

interface Source {
  readonly random: SeededRandom;
  readonly rows: readonly CanonicalRow[];
  readonly leaves: readonly Leaf[];
}

function leavesOf(fields: readonly NamedType[], above: readonly string[]): Leaf[] {
  return fields.flatMap(({ name, type }): Leaf[] => {
    const path = [...above, name];
    if (typeof type === "string") return COMPARABLE.test(type) ? [{ path, type }] : [];
    const { type: kind, fields: inner = [] } = type as { type: string; fields?: readonly NamedType[] };
    return kind === "struct" ? leavesOf(inner, path) : [];
  });
}

function conditionOf(source: Source, depth: number): RandomCondition {
  const { random } = source;
  const form = depth === 0 ? 9 : random.below(10);
  if (form < 4) {
    const parts = [conditionOf(source, depth - 1), conditionOf(source, depth - 1)];
    const isAnd = form < 2;
    return {
      sql: `(${parts.map(({ sql }) => sql).join(isAnd ? " AND " : " OR ")})`,
      of: (row) => {
        const values = parts.map((part) => part.of(row));
        if (values.includes(!isAnd)) return !isAnd;
        return values.includes(null) ? null : isAnd;
      },
    };
  }
  if (form === 4) {
    const inner = conditionOf(source, depth - 1);
    return { sql: `NOT (${inner.sql})`, of: (row) => negated(inner.of(row)) };
  }
  return leafOf(source);
}

function negated(value: boolean | null): boolean | null {
  return value === null ? null : !value;
}

function leafOf({ random, rows, leaves }: Source): RandomCondition {
  const leaf = random.pick(leaves);
  const sql = leaf.path.map(quoteName).join(".");
  const valueOf = (row: CanonicalRow): unknown => valueAt(row, leaf.path);
  const values = rows.map(valueOf).filter((value) => literalOf(value, leaf.type) !== undefined);
  const form = values.length === 0 ? 0 : random.below(10);
  if (form === 0) return { sql: `${sql} IS NULL`, of: (row) => valueOf(row) === null };
  if (form === 1) return { sql: `${sql} IS NOT NULL`, of: (row) => valueOf(row) !== null };
  if (form === 2) {
    const picked = Array.from({ length: 1 + random.below(3) }, () => random.pick(values));
    return {
      sql: `${sql} IN (${picked.map((value) => literalOf(value, leaf.type)).join(", ")})`,
      of: (row) => {
        const own = valueOf(row);
        return own === null ? null : picked.some((value) => compare(own, value, leaf.type) === 0);
      },
    };
  }
  if (form === 3 && leaf.type === "string") {
    const whole = random.pick(values) as string;
    // Not within a character.
    const prefix = Array.from(whole)
      .slice(0, 1 + random.below(4))
      .join("");
    const isLike = !/[%_\\]/.test(prefix);
    return {
      sql: isLike ? `${sql} LIKE ${quoteText(`${prefix}%`)}` : `starts_with(${sql}, ${quoteText(prefix)})`,
      of: (row) => {
        const own = valueOf(row) as string | null;
        return own === null ? null : own.startsWith(prefix);
      },
    };
  }
  const [value, operator] = [random.pick(values), random.pick(Object.keys(OPERATORS))];
  return {
    sql: `${sql} ${operator} ${literalOf(value, leaf.type)}`,
    of: (row) => {
      const own = valueOf(row);
      return own === null ? null : OPERATORS[operator]!(compare(own, value, leaf.type));
    },
  };
}

function valueAt(row: CanonicalRow, path: readonly string[]): unknown {
  let value: unknown = row;
  for (const name of path) {
    if (value === null) return null;
    value = (value as CanonicalRow)[name];
  }
  return value;
}

/** Undefined for null, and for what has no literal that every reader understands alike: years that are not of four digits. */
function literalOf(value: unknown, type: string): string | undefined {
  if (value === null) return undefined;
  const text = textOf(value);
  switch (type) {
    case "boolean":
      return text;
    case "string":
      return quoteText(text);
    case "float":
    case "double":
      return `CAST('${Object.is(value, -0) ? "-0.0" : text}' AS DOUBLE)`;
    case "date":
      return isPlainYear(text) ? `DATE '${text}'` : undefined;
    case "timestamp":
      return isPlainYear(text) ? `TIMESTAMPTZ '${text.replace("T", " ").replace("Z", "+00")}'` : undefined;
    case "timestamp_ntz":
      return isPlainYear(text) ? `TIMESTAMP '${text.replace("T", " ")}'` : undefined;
    default:
      return type.startsWith("decimal") ? `CAST('${text}' AS ${type.toUpperCase()})` : text;
  }
}

function isPlainYear(text: string): boolean {
  return /^(?!0000)\d{4}-/.test(text);
}

/** Below, at or above 0. NaN is above all other numbers, and equals itself; text compares by its bytes. */
function compare(one: unknown, other: unknown, type: string): number {
  const [left, right] = [textOf(one), textOf(other)];
  switch (type) {
    case "boolean":
      return Number(one) - Number(other);
    case "string":
      return Buffer.compare(Buffer.from(left), Buffer.from(right));
    case "float":
    case "double": {
      const [x, y] = [Number(one), Number(other)];
      if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
      return x === y ? 0 : x < y ? -1 : 1;
    }
    case "date":
    case "timestamp":
    case "timestamp_ntz": {
      const [[year, rest], [otherYear, otherRest]] = [dated(left), dated(right)];
      return year - otherYear || (rest === otherRest ? 0 : rest < otherRest ? -1 : 1);
    }
    default: {
      const [x, y] = [scaled(left), scaled(right)];
      return x === y ? 0 : x < y ? -1 : 1;
    }
  }
}

function dated(text: string): [year: number, rest: string] {
  const [, year, rest] = /^(-?\d+)(-.*)$/.exec(text)!;
  return [Number(year), rest!];
}

/** A whole number or a decimal as units of 10^-38. */
function scaled(text: string): bigint {
  const [whole, fraction = ""] = text.split(".");
  return BigInt(`${whole}${fraction.padEnd(38, "0")}`);
}

/** Of values as the engine gives them in JSON: texts, numbers and booleans. */
function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
