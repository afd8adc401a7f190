/** Values of `landfall/delta` (`valueAt`), spelled as tools/judges/canonical.py spells them. */
import type { ColumnValue } from "../../src/engine/column-batch/value-at.ts";
import type { DataType } from "../../src/schema/data-type.ts";
import { asciiJson } from "../../tools/judges/ascii-json.ts";

const DAY_MS = 86_400_000;

/** @param type of the column, or of the element, key, value or field that the value is */
export function canonicalColumnValue(value: ColumnValue, type: DataType): unknown {
  if (value === null) return null;
  if (typeof type === "object") {
    switch (type.type) {
      case "struct": {
        const held = value as Readonly<Record<string, ColumnValue>>;
        return Object.fromEntries(
          type.fields.map((field) => [field.name, canonicalColumnValue(held[field.name]!, field.type)]),
        );
      }
      case "array":
        return (value as readonly ColumnValue[]).map((item) => canonicalColumnValue(item, type.elementType));
      case "map":
        return [...(value as ReadonlyMap<ColumnValue, ColumnValue>)]
          .map(([key, item]) => [
            canonicalColumnValue(key, type.keyType),
            canonicalColumnValue(item, type.valueType),
          ])
          .map((pair) => ({ pair, key: asciiJson(pair) }))
          .sort((one, other) => (one.key < other.key ? -1 : 1))
          .map(({ pair }) => pair);
      default:
        return type satisfies never;
    }
  }
  switch (type) {
    case "float":
    case "double":
      return Number.isFinite(value) ? value : `${value as number}`;
    case "boolean":
    case "string":
      return value;
    case "binary":
      return Buffer.from(value as Uint8Array).toString("hex");
    case "date":
      return dateText((value as number) * DAY_MS);
    case "timestamp":
      return `${timestampText(value as bigint)}Z`;
    case "timestamp_ntz":
      return timestampText(value as bigint);
    case "variant":
      // Equal documents, however spaced.
      return JSON.stringify(JSON.parse(value as string));
    case "byte":
    case "short":
    case "integer":
    case "long":
    case "void":
    default:
      return type.startsWith("decimal")
        ? (value as string).replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "")
        : `${value as number | bigint}`;
  }
}

function timestampText(micros: bigint): string {
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const ms = Number((micros - fraction) / 1000n);
  if (!isDate(ms)) return `${micros} µs`;
  const time = new Date(ms).toISOString().slice(-13, -5);
  return `${dateText(ms)}T${time}.${String(fraction).padStart(6, "0")}`;
}

/** JavaScript has no dates beyond some 270,000 years, which a damaged page may hold. */
function isDate(ms: number): boolean {
  return !Number.isNaN(new Date(ms).getTime());
}

/** The year 0 is the one before the year 1, as Delta counts. */
function dateText(ms: number): string {
  if (!isDate(ms)) return `${ms} ms`;
  const date = new Date(ms);
  const year = date.getUTCFullYear();
  const digits = `${year < 0 ? "-" : ""}${String(Math.abs(year)).padStart(4, "0")}`;
  return `${digits}-${date.toISOString().slice(-19, -14)}`;
}
