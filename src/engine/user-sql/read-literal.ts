/** A literal of the parser's tree, by itself or cast, as SQL that may be put into a statement. Pure. */
import { isJsonObject, type JsonValue } from "../../base/lossless-json.ts";
import { quoteText } from "../sql.ts";
import { textOf, type TreeNode } from "./walk-expression.ts";

/** The kinds of types that a literal may have; decimals with their size. */
export type LiteralType =
  | {
      readonly kind: "whole" | "float" | "double" | "text" | "boolean" | "date" | "timestamp" | "timestamptz";
    }
  | { readonly kind: "decimal"; readonly precision: number; readonly scale: number };

export interface SqlLiteral {
  readonly sql: string;
  readonly type: LiteralType;
  /** Of a text that is not cast. */
  readonly text?: string;
}

const CASTS: Readonly<Record<string, LiteralType["kind"]>> = {
  TINYINT: "whole",
  SMALLINT: "whole",
  INTEGER: "whole",
  BIGINT: "whole",
  FLOAT: "float",
  DOUBLE: "double",
  VARCHAR: "text",
  BOOLEAN: "boolean",
  DATE: "date",
  TIMESTAMP: "timestamp",
  "TIMESTAMP WITH TIME ZONE": "timestamptz",
  DECIMAL: "decimal",
};

/** Undefined for null, and for what is no literal or of another type. */
export function readLiteral(value: JsonValue): SqlLiteral | undefined {
  if (!isJsonObject(value)) return undefined;
  const node: TreeNode = value;
  if (node["class"] === "CONSTANT") return readConstant(node["value"]);
  if (node["class"] !== "CAST" || node["try_cast"] !== false) return undefined;
  const inner = readLiteral(node["child"] ?? null);
  const type = typeOf(node["cast_type"]);
  // A text that is cast to a text has a type of its own, which the column would be cast to.
  return inner === undefined || type === undefined || type.type.kind === "text"
    ? undefined
    : { sql: `CAST(${inner.sql} AS ${type.sql})`, type: type.type };
}

function typeOf(
  value: JsonValue | undefined,
): { readonly sql: string; readonly type: LiteralType } | undefined {
  if (!isJsonObject(value)) return undefined;
  const id = textOf(value["id"]);
  const kind = Object.hasOwn(CASTS, id) ? CASTS[id] : undefined;
  const info = value["type_info"];
  if (kind === undefined) return undefined;
  if (kind !== "decimal") return info === null ? { sql: id, type: { kind } } : undefined;
  if (!isJsonObject(info)) return undefined;
  const [precision, scale] = [Number(info["width"]), Number(info["scale"])];
  return { sql: `DECIMAL(${precision}, ${scale})`, type: { kind, precision, scale } };
}

function readConstant(value: JsonValue | undefined): SqlLiteral | undefined {
  if (!isJsonObject(value) || value["is_null"] !== false) return undefined;
  const type = typeOf(value["type"] ?? null) ?? hugeType(value["type"]);
  const held = value["value"] ?? null;
  if (type === undefined) return undefined;
  if (type.type.kind === "text")
    return typeof held === "string" ? { sql: quoteText(held), type: type.type, text: held } : undefined;
  if (type.type.kind === "double" && typeof held === "number")
    return { sql: `CAST(${quoteText(String(held))} AS DOUBLE)`, type: type.type };
  const units = wholeOf(held);
  if (units === undefined) return undefined;
  if (type.type.kind === "whole") return { sql: units.toString(), type: type.type };
  if (type.type.kind !== "decimal") return undefined;
  const digits = (units < 0n ? -units : units).toString().padStart(type.type.scale + 1, "0");
  const point = digits.length - type.type.scale;
  const text = `${units < 0n ? "-" : ""}${digits.slice(0, point)}.${digits.slice(point)}`;
  return { sql: `CAST('${text}' AS ${type.sql})`, type: type.type };
}

function hugeType(value: JsonValue | undefined): ReturnType<typeof typeOf> {
  return isJsonObject(value) && value["id"] === "HUGEINT"
    ? { sql: "HUGEINT", type: { kind: "whole" } }
    : undefined;
}

/** A whole number as the tree holds it: beyond 64 bits by its halves. */
function wholeOf(value: JsonValue): bigint | undefined {
  if (typeof value === "bigint") return value;
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  if (!isJsonObject(value)) return undefined;
  const [upper, lower] = [wholeOf(value["upper"] ?? null), wholeOf(value["lower"] ?? null)];
  return upper === undefined || lower === undefined ? undefined : (upper << 64n) + BigInt.asUintN(64, lower);
}
