/**
 * Rows of inputs against rows of the table without either being held: of each column a sum over its values that does not depend on their
 * order. A value that the table keeps in another form than the input (a rescued one, a number as text) makes its column uncertain, and
 * nothing is said of it. Pure.
 */
import { decimalOf, type DataType, type StructType } from "../../../schema/data-type.ts";

/** A number as it is written. */
export class NumberText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** A record or a row as JSON, its numbers as they are written; undefined for no object. */
export function parseRow(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text, (_key, inner: unknown, context?: { source?: string }) =>
      typeof inner === "number" ? new NumberText(context?.source ?? String(inner)) : inner,
    );
    const isRow = typeof value === "object" && value !== null && !Array.isArray(value);
    return isRow && !(value instanceof NumberText) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

const SIZE = 2 ** 48;

export class ValueSums {
  readonly #columns: StructType["fields"];
  readonly #sums: number[];
  readonly #seen: boolean[];
  readonly #byFoldedName: ReadonlyMap<string, string>;
  readonly uncertain = new Set<string>();
  rows = 0;

  constructor(columns: StructType["fields"]) {
    this.#columns = columns;
    this.#sums = columns.map(() => 0);
    this.#seen = columns.map(() => false);
    this.#byFoldedName = new Map(columns.map(({ name }) => [name.toLowerCase(), name]));
  }

  add(row: Readonly<Record<string, unknown>>): void {
    this.rows += 1;
    for (const key of Object.keys(row)) {
      // By the case of letters alone it may have gone into the column, or not.
      const meant = this.#byFoldedName.get(key.toLowerCase());
      if (meant !== undefined && meant !== key) this.uncertain.add(meant);
    }
    for (const [i, { name, type }] of this.#columns.entries()) {
      const value = Object.hasOwn(row, name) ? row[name] : undefined;
      if (value === null || value === undefined) continue;
      this.#seen[i] = true;
      const text = canonical(value, type);
      if (text === undefined) this.uncertain.add(name);
      else if (text !== "null") this.#sums[i] = (this.#sums[i]! + hash(text)) % SIZE;
    }
  }

  sumOf(name: string): number {
    return this.#sums[this.#columns.findIndex((column) => column.name === name)]!;
  }

  /** Columns of which some row has a value. */
  get seen(): readonly string[] {
    return this.#columns.flatMap(({ name }, i) => (this.#seen[i] === true ? [name] : []));
  }
}

/** Of 48 bits, from two of 32. */
function hash(text: string): number {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return (a >>> 0) * 65536 + ((b >>> 0) & 0xffff);
}

/** One text for one value of the type, however it is written; undefined where that is not certain. */
export function canonical(value: unknown, type: DataType): string | undefined {
  if (value === null || value === undefined) return "null";
  if (typeof type !== "string") return canonicalNested(value, type);
  switch (type) {
    case "string":
      return typeof value === "string" && value.isWellFormed() && !value.includes("\0")
        ? JSON.stringify(value)
        : undefined;
    case "boolean":
      return typeof value === "boolean" ? String(value) : undefined;
    case "long":
    case "integer":
    case "short":
    case "byte":
      return value instanceof NumberText && /^-?\d{1,19}$/.test(value.text)
        ? String(BigInt(value.text))
        : undefined;
    case "double":
      return value instanceof NumberText && Number.isFinite(Number(value.text))
        ? String(Number(value.text))
        : undefined;
    case "date":
      return typeof value === "string" && /^\d{4}-\d\d-\d\d$/.test(value) ? value : undefined;
    case "timestamp":
      return typeof value === "string" ? instant(value) : undefined;
    // Of these the input's form and the table's differ in ways that are not told apart here.
    case "float":
    case "binary":
    case "timestamp_ntz":
    case "variant":
    case "void":
      return undefined;
    default:
      return decimalOf(type) !== undefined && value instanceof NumberText ? decimal(value.text) : undefined;
  }
}

function canonicalNested(value: unknown, type: Exclude<DataType, string>): string | undefined {
  if (type.type === "map" || typeof value !== "object" || value instanceof NumberText) return undefined;
  if (type.type === "array") {
    if (!Array.isArray(value)) return undefined;
    const elements = value.map((element) => canonical(element, type.elementType));
    return elements.includes(undefined) ? undefined : `[${elements.join(",")}]`;
  }
  if (Array.isArray(value)) return undefined;
  const object = value as Readonly<Record<string, unknown>>;
  const names = new Set(type.fields.map((field) => field.name.toLowerCase()));
  const exact = new Set(type.fields.map((field) => field.name));
  // A key that is no field is rescued; one that differs by the case of its letters may not be.
  if (Object.keys(object).some((key) => !exact.has(key) && names.has(key.toLowerCase()))) return undefined;
  const fields = type.fields.map((field) =>
    canonical(Object.hasOwn(object, field.name) ? object[field.name] : null, field.type),
  );
  if (fields.includes(undefined)) return undefined;
  // A struct of nulls and none at all are not told apart.
  return fields.every((field) => field === "null") ? "null" : `{${fields.join(",")}}`;
}

function instant(text: string): string | undefined {
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(Z|[+-]\d\d(?::?\d\d)?)$/.exec(text);
  if (match === null) return undefined;
  const [, day, time, fraction = "", zone = "Z"] = match;
  const digits = zone === "Z" ? zone : `${zone.slice(0, 3)}:${zone.replace(":", "").slice(3) || "00"}`;
  const seconds = Date.parse(`${day}T${time}${digits}`);
  return Number.isNaN(seconds) ? undefined : `${seconds / 1000}.${fraction.padEnd(6, "0")}`;
}

function decimal(text: string): string | undefined {
  const match = /^(-?)0*(\d*)(?:\.(\d*?)0*)?$/.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = "", fraction = ""] = match;
  const digits = `${whole === "" ? "0" : whole}${fraction === "" ? "" : `.${fraction}`}`;
  return digits === "0" ? "0" : `${sign}${digits}`;
}
