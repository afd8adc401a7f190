/** The rules of `expect` in statements. Only rules that `readRules` passed come here. */
import { computedInPlace } from "../computed-in-place.ts";
import { quoteText } from "../sql.ts";
import { ROW_NAME, type ReadRule } from "./read-rules.ts";

/** The rows of a SELECT for which every rule holds. */
export function keptRows(select: string, rules: readonly ReadRule[]): string {
  if (rules.length === 0) return select;
  return `SELECT * FROM (${select}) ${ROW_NAME} WHERE ${allHold(rules)}`;
}

/**
 * True for a row that is kept. Null is no breach, as in SQL's CHECK; a rule that cannot be computed for a row (a cast of text that is no
 * number) is one, or a row that nobody could judge would go in unseen.
 */
export function allHold(rules: readonly ReadRule[]): string {
  // True or false for nearly every row, and cheap: the exact words are only for rows where it is null.
  const together = rules.map(inBrackets).join(" AND ");
  return computedInPlace(`coalesce(TRY(${together}), ${rules.map(holds).join(" AND ")})`);
}

/** The place in the list of the first rule that a row breaks. */
export function firstBroken(rules: readonly ReadRule[]): string {
  return `CASE ${rules.map((rule, i) => `WHEN NOT ${holds(rule)} THEN ${i}`).join(" ")} END`;
}

/** `(place, name, reason)` of each rule, as rows. */
export function ruleValues(rules: readonly ReadRule[]): string {
  return rules
    .map(({ name, sql }, i) => `(${i}, ${quoteText(name)}, ${quoteText(`breaks the rule ${name}: ${sql}`)})`)
    .join(", ");
}

function holds(rule: ReadRule): string {
  return computedInPlace(`coalesce(TRY(${inBrackets(rule)} IS DISTINCT FROM false), false)`);
}

/** Line breaks end a comment that the rule may end with. */
function inBrackets({ sql }: ReadRule): string {
  return `(\n${sql}\n)`;
}
