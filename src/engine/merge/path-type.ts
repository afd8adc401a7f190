import { LandfallError } from "../../base/landfall-error.ts";
import type { DataType, StructType } from "../../schema/data-type.ts";

/** The type of a column, or of a field of a struct, that was found before. */
export function pathType(schema: StructType, path: readonly string[]): DataType {
  let type: DataType = schema;
  for (const name of path) {
    const fields: StructType["fields"] =
      typeof type !== "string" && type.type === "struct" ? type.fields : [];
    const field = fields.find((one) => one.name === name);
    if (field === undefined)
      throw new LandfallError("INTERNAL", { message: `The key ${path.join(".")} is no column.` });
    type = field.type;
  }
  return type;
}
