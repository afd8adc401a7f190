/** The types that columns had before (PROTOCOL.md, "Type Widening"): a reader must refuse a change that it does not know. */
import { LandfallError } from "../base/landfall-error.ts";
import { isJsonObject, stringifyJson, type JsonValue } from "../base/lossless-json.ts";
import { decimalOf, type DataType, type StructType } from "../schema/data-type.ts";
import { fieldsOf } from "../schema/fields-of.ts";

const INTEGERS = ["byte", "short", "integer", "long"];

/** @throws LandfallError TABLE_FEATURE_UNSUPPORTED naming the column and the change */
export function checkTypeChanges(schema: StructType): void {
  for (const { field, path } of fieldsOf(schema)) {
    const changes = field.metadata["delta.typeChanges"];
    if (changes !== undefined) checkChanges(changes, path);
  }
}

function checkChanges(changes: JsonValue, path: readonly string[]): void {
  const list = Array.isArray(changes) ? changes : [changes];
  for (const change of list) {
    const from = isJsonObject(change) ? change["fromType"] : undefined;
    const to = isJsonObject(change) ? change["toType"] : undefined;
    if (typeof from === "string" && typeof to === "string" && isWidening(from, to)) continue;
    throw new LandfallError("TABLE_FEATURE_UNSUPPORTED", {
      message: `The column ${path.join(".")} has had its type changed in a way that Landfall does not know: ${stringifyJson(change)}.`,
      hint: "Read it with the program that wrote it.",
    });
  }
}

/** True for the changes of the protocol's list. */
export function isWidening(from: string, to: string): boolean {
  const [low, high] = [INTEGERS.indexOf(from), INTEGERS.indexOf(to)];
  if (low >= 0 && high >= 0) return low < high;
  if (to === "double") return from === "float" || (low >= 0 && from !== "long");
  if (to === "timestamp_ntz") return from === "date";
  const target = decimalOf(to as DataType);
  if (target === undefined) return false;
  // The digits before the point that every value of the type needs.
  if (low >= 0) return target.precision - target.scale >= (from === "long" ? 20 : 10);
  const source = decimalOf(from as DataType);
  if (source === undefined) return false;
  const scale = target.scale - source.scale;
  return scale >= 0 && target.precision - source.precision >= scale;
}
