/**
 * What happens to keys of the data that have no column (databricks.md §1.6). In every mode hints and stated columns are admitted:
 * a person has named them.
 */
export const EVOLUTION_MODES = ["addNewColumns", "rescue", "failOnNewColumns", "none"] as const;

/**
 * - `addNewColumns`: they become columns, within the same batch.
 * - `rescue`: they go to the rescued-data column.
 * - `failOnNewColumns`: the batch fails and nothing of it is committed.
 * - `none`: they are left out, counted; rescued only where a rescued-data column is asked for.
 *
 * A table that has no column for data yet takes those of its first batch, whatever the mode.
 */
export type EvolutionMode = (typeof EVOLUTION_MODES)[number];
