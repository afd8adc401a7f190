/** Canonical values (tools/judges/canonical.py) as `landfall/delta` takes them of rows that are objects. */
import type { DataType } from "../../src/schema/data-type.ts";

const WHOLE: ReadonlySet<unknown> = new Set(["byte", "short", "integer"]);

export function valueOfCanonical(value: unknown, type: DataType): unknown {
  if (value === null || value === undefined) return null;
  if (typeof type === "object") {
    if (type.type === "array")
      return (value as readonly unknown[]).map((item) => valueOfCanonical(item, type.elementType));
    if (type.type === "map")
      return new Map(
        (value as readonly (readonly [unknown, unknown])[]).map(([key, held]) => [
          valueOfCanonical(key, type.keyType),
          valueOfCanonical(held, type.valueType),
        ]),
      );
    const held = value as Readonly<Record<string, unknown>>;
    return Object.fromEntries(
      type.fields.map((field) => [field.name, valueOfCanonical(held[field.name], field.type)]),
    );
  }
  if (WHOLE.has(type) || type === "float" || type === "double") return Number(value);
  if (type === "long") return BigInt(value as string);
  if (type === "binary") return Buffer.from(value as string, "hex");
  return value;
}
