/** The types that columns had before (PROTOCOL.md, "Type Widening"): a reader must refuse a change that it does not know. */
import { LandfallError } from "../base/landfall-error.ts";
import { isJsonObject, stringifyJson, type JsonValue } from "../base/lossless-json.ts";
import type { StructType } from "../schema/data-type.ts";
import { fieldsOf } from "../schema/fields-of.ts";
import { isWidening } from "../schema/is-widening.ts";

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
