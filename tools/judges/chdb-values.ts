/**
 * ClickHouse's types and JSON values, turned into the canonical values of canonical.py. Where the Delta type is known it
 * decides (binary, timestamp_ntz); otherwise every DateTime64 is a timestamp and every String text.
 */
import { asciiJson } from "./ascii-json.ts";

/** A ClickHouse type as a tree; `text` is its outermost name with arguments. */
export interface ChdbType {
  readonly name: string;
  readonly text: string;
  readonly parameters: readonly { readonly field: string | undefined; readonly type: ChdbType }[];
}

/** Parses `Nullable(Int32)`, `Tuple(a Int8, ...)`, `Map(String, Array(Date32))`, … */
export function parseChdbType(text: string): ChdbType {
  const trimmed = text.trim();
  const open = trimmed.indexOf("(");
  if (open === -1) return { name: trimmed, text: trimmed, parameters: [] };
  const name = trimmed.slice(0, open);
  const inside = trimmed.slice(open + 1, trimmed.lastIndexOf(")"));
  if (name === "Nullable" || name === "LowCardinality") return parseChdbType(inside);
  const named = name === "Tuple";
  const nested = named || name === "Array" || name === "Map";
  const parameters = nested ? splitTopLevel(inside).map((part) => parseParameter(part, named)) : [];
  return { name, text: trimmed.replace(/\s+/g, " "), parameters };
}

function parseParameter(part: string, named: boolean): ChdbType["parameters"][number] {
  if (!named) return { field: undefined, type: parseChdbType(part) };
  const match = /^(?:`((?:[^`\\]|\\.)*)`|(\S+))\s+([\s\S]*)$/.exec(part.trim());
  if (match === null) throw new Error(`a tuple's element without a name: ${part}`);
  const field = match[1] === undefined ? match[2] : match[1].replace(/\\(.)/g, "$1");
  return { field, type: parseChdbType(match[3] ?? "") };
}

function splitTopLevel(text: string): string[] {
  const parts = [""];
  let depth = 0;
  for (const [token] of text.matchAll(/`(?:[^`\\]|\\.)*`|[\s\S]/g)) {
    if (token === "(") depth++;
    if (token === ")") depth--;
    if (token === "," && depth === 0) parts.push("");
    else parts[parts.length - 1] += token;
  }
  return parts;
}

/** The expression that selects a column so that JSON can hold it: bytes as hexadecimal digits. */
export function selectExpression(expression: string, type: ChdbType, deltaType: unknown): string {
  if (deltaType === "binary") return `lower(hex(${expression}))`;
  if (!holdsBinary(deltaType)) return expression;
  if (type.name === "Array") {
    const element = selectExpression("element", parameter(type, 0), child(deltaType, "elementType"));
    return `arrayMap(element -> ${element}, ${expression})`;
  }
  if (type.name !== "Tuple") throw new Error(`chdb cannot show the binary inside ${type.text}`);
  const fields = type.parameters.map(({ field, type: fieldType }) =>
    selectExpression(
      `tupleElement(${expression}, ${quoteText(field ?? "")})`,
      fieldType,
      fieldOf(deltaType, field),
    ),
  );
  // `tuple` alone forgets the names of the fields.
  return `CAST(tuple(${fields.join(", ")}), ${quoteText(type.text)})`;
}

/** A text literal of ClickHouse's SQL. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

function holdsBinary(deltaType: unknown): boolean {
  return deltaType !== undefined && JSON.stringify(deltaType).includes('"binary"');
}

/** One JSON value of ClickHouse as a canonical value. */
export function canonicalValue(value: unknown, type: ChdbType, deltaType: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (type.name.startsWith("Int") || type.name.startsWith("UInt")) return text(value);
  switch (type.name) {
    case "Float32":
      return typeof value === "number" ? Math.fround(value) : notFinite(text(value));
    case "Float64":
      return typeof value === "number" ? value : notFinite(text(value));
    case "Decimal":
      return digits(text(value));
    case "DateTime64":
      return deltaType === "timestamp_ntz" ? text(value).replace(/Z$/, "") : value;
    case "Array":
      return (value as readonly unknown[]).map((element) =>
        canonicalValue(element, parameter(type, 0), child(deltaType, "elementType")),
      );
    case "Map":
      return (value as readonly { readonly keys: unknown; readonly values: unknown }[])
        .map(({ keys, values }) => [
          canonicalValue(keys, parameter(type, 0), child(deltaType, "keyType")),
          canonicalValue(values, parameter(type, 1), child(deltaType, "valueType")),
        ])
        .sort((one, other) => (asciiJson(one) < asciiJson(other) ? -1 : 1));
    case "Tuple":
      return Object.fromEntries(
        type.parameters.map(({ field, type: fieldType }) => [
          field,
          canonicalValue(
            (value as Record<string, unknown>)[field ?? ""],
            fieldType,
            fieldOf(deltaType, field),
          ),
        ]),
      );
    default:
      return value;
  }
}

function parameter(type: ChdbType, index: number): ChdbType {
  const found = type.parameters[index];
  if (found === undefined) throw new Error(`ClickHouse's ${type.text} lacks a parameter`);
  return found.type;
}

function child(deltaType: unknown, key: string): unknown {
  return typeof deltaType === "object" && deltaType !== null
    ? (deltaType as Record<string, unknown>)[key]
    : undefined;
}

function fieldOf(deltaType: unknown, field: string | undefined): unknown {
  const fields = child(deltaType, "fields") as readonly { name: string; type: unknown }[] | undefined;
  return fields?.find(({ name }) => name === field)?.type;
}

function notFinite(name: string): string {
  const known = { nan: "NaN", "-nan": "NaN", inf: "Infinity", "-inf": "-Infinity" }[name];
  if (known === undefined) throw new Error(`ClickHouse gave ${name} where a double belongs`);
  return known;
}

function digits(number: string): string {
  return number.includes(".") ? number.replace(/0+$/, "").replace(/\.$/, "") : number;
}

function text(value: unknown): string {
  if (typeof value === "string" || typeof value === "number") return `${value}`;
  throw new Error(`ClickHouse gave ${JSON.stringify(value)} where a number or text belongs`);
}
