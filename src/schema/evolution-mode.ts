/**
 * What happens to keys of the data that have no column (databricks.md §1.6). In every mode hints and stated columns are admitted:
 * a person has named them.
 */
export const EVOLUTION_MODES = [
  "addNewColumns",
  "addNewColumnsWithTypeWidening",
  "rescue",
  "failOnNewColumns",
  "none",
] as const;

/**
 * - `addNewColumns`: they become columns, within the same batch.
 * - `addNewColumnsWithTypeWidening`: likewise, and a column of the table whose type does not hold a value gets a wider one that does,
 *   where Delta's type widening has one (docs/adr/0008).
 * - `rescue`: they go to the rescued-data column.
 * - `failOnNewColumns`: the batch fails and nothing of it is committed.
 * - `none`: they are left out, counted; rescued only where a rescued-data column is asked for.
 *
 * A table that has no column for data yet takes those of its first batch, whatever the mode.
 */
export type EvolutionMode = (typeof EVOLUTION_MODES)[number];

/** Keys without a column get one. */
export function addsColumns(mode: EvolutionMode): boolean {
  return mode === "addNewColumns" || widensTypes(mode);
}

/** Columns get wider types. */
export function widensTypes(mode: EvolutionMode): boolean {
  return mode === "addNewColumnsWithTypeWidening";
}
