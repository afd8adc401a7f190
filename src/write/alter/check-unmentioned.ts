import { isJsonObject, parseJson } from "../../base/lossless-json.ts";
import type { TableState } from "../../delta/table-state.ts";
import { fieldsOf } from "../../schema/fields-of.ts";
import { refuseChange } from "./change-schema.ts";

/**
 * Passes where no rule of the table speaks of a column: what a rule says of a name would be said of another column, or of none.
 *
 * @throws LandfallError TABLE_SCHEMA_CONFLICT naming the rule
 */
export function checkUnmentioned(state: TableState, name: string): void {
  for (const [rule, text] of rulesOf(state))
    if (mentions(text, name))
      refuseChange(
        `The column ${name} is spoken of by ${rule}: ${text}.`,
        "Drop that rule first, and add it again in its new form afterwards.",
      );
}

function* rulesOf({ metadata, schema }: TableState): Generator<readonly [rule: string, text: string]> {
  for (const [property, text] of Object.entries(metadata.configuration))
    if (property.startsWith("delta.constraints."))
      yield [`the constraint ${property.slice("delta.constraints.".length)}`, text];
  for (const { field, path } of fieldsOf(schema)) {
    const { metadata: own } = field;
    const generated = own["delta.generationExpression"];
    if (typeof generated === "string") yield [`the generated column ${path.join(".")}`, generated];
    const invariant = own["delta.invariants"];
    if (typeof invariant === "string") yield [`the invariant of ${path.join(".")}`, invariantText(invariant)];
  }
}

function invariantText(json: string): string {
  const value = parseJson(json);
  const inner =
    isJsonObject(value) && isJsonObject(value["expression"]) ? value["expression"]["expression"] : undefined;
  return typeof inner === "string" ? inner : json;
}

/** As a word of its own, in any case. Text in quotes counts, too: rather once too often. */
function mentions(text: string, name: string): boolean {
  const literal = name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(String.raw`(?<![\w])${literal}(?![\w])`, "i").test(text);
}
