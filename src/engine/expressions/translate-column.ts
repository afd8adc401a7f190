/** A column, or a field of structs in it, as SQL. Names differ by more than their case, as in Spark. */
import type { StructField } from "../../schema/data-type.ts";
import { ExpressionFaultSignal, type Expression } from "../../schema/expression/expression.ts";
import { quoteName, quoteText } from "../sql.ts";
import type { ExpressionScope } from "./scope.ts";
import { nameOf, type TypedSql } from "./typed-sql.ts";

/** Field metadata of Spark that makes of a text one of another kind. */
const COLLATIONS = "__COLLATIONS";
const CHARACTERS = "__CHAR_VARCHAR_TYPE_STRING";

/** @throws ExpressionFaultSignal where there is no such column, or its texts compare otherwise than by their bytes */
export function translateColumn(
  name: Extract<Expression, { readonly kind: "name" }>,
  { schema, relation }: ExpressionScope,
): TypedSql {
  let type: TypedSql["type"] = schema;
  let sql = quoteName(relation);
  for (const [i, part] of name.path.entries()) {
    if (typeof type === "string" || type.type !== "struct")
      throw new ExpressionFaultSignal(name, `a ${nameOf(type)} has no field ${part}`);
    const field: StructField = fieldOf(type.fields, part, name);
    checkText(field, name);
    sql = i === 0 ? `${sql}.${quoteName(field.name)}` : `struct_extract(${sql}, ${quoteText(field.name)})`;
    ({ type } = field);
  }
  return { sql, type, mayFail: false, place: name };
}

function fieldOf(
  fields: readonly StructField[],
  name: string,
  place: Extract<Expression, { readonly kind: "name" }>,
): StructField {
  const found = fields.filter((field) => field.name.toLowerCase() === name.toLowerCase());
  const [field] = found;
  if (field === undefined) throw new ExpressionFaultSignal(place, `the table has no such column or field`);
  if (found.length > 1) throw new ExpressionFaultSignal(place, "several columns have this name");
  return field;
}

function checkText({ metadata }: StructField, place: Extract<Expression, { readonly kind: "name" }>): void {
  if (metadata[COLLATIONS] !== undefined)
    throw new ExpressionFaultSignal(
      place,
      "texts of a column with a collation are not compared by their bytes",
    );
  if (/\bchar\(/.test(JSON.stringify(metadata[CHARACTERS] ?? "")))
    throw new ExpressionFaultSignal(place, "texts of a CHAR are compared without the spaces at their end");
}
