/** What a table's log tells of the keys of its files, for a merge. Pure. */
import type { AddFile } from "../../delta/actions.ts";
import { factsOfAdd } from "../../delta/prune/column-facts.ts";
import type { KnownValue } from "../../delta/prune/known-value.ts";
import type { KeyBounds, KeyPair } from "../../engine/merge/merge-request.ts";
import { decimalOf } from "../../schema/data-type.ts";
import { findTableColumn, type PrunedTable } from "../../schema/find-table-column.ts";

/** Statistics of decimals with more digits may have been doubles on their way. */
const EXACT_DIGITS = 15;

/** Of each file for each key. */
export function keyBounds(
  adds: readonly AddFile[],
  { table, keys }: { readonly table: PrunedTable; readonly keys: readonly KeyPair[] },
): readonly (readonly KeyBounds[])[] {
  const columns = keys.map(({ target }) => findTableColumn(table, target));
  return adds.map((add) => {
    const factsOf = factsOfAdd(add, true);
    return columns.map((column) => {
      if (column === undefined) return null;
      const decimal = decimalOf(column.type);
      if (decimal !== undefined && decimal.precision > EXACT_DIGITS) return null;
      const { min, max, mayHoldNan } = factsOf(column);
      if (min === undefined || max === undefined || mayHoldNan) return null;
      const [least, greatest] = [textOf(min), textOf(max)];
      return least === undefined || greatest === undefined ? null : { min: least, max: greatest };
    });
  });
}

function textOf(value: KnownValue): string | undefined {
  switch (value.kind) {
    case "text":
    case "date":
      return value.text;
    case "instant":
      return value.text;
    case "exact": {
      if (value.scale === 0) return String(value.units);
      const digits = String(value.units < 0n ? -value.units : value.units).padStart(value.scale + 1, "0");
      return `${value.units < 0n ? "-" : ""}${digits.slice(0, -value.scale)}.${digits.slice(-value.scale)}`;
    }
    case "floating":
    case "boolean":
      return undefined;
    default:
      return value satisfies never;
  }
}
