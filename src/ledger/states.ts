/**
 * The states of arrivals and batches, and every transition between them (exactly-once rules, §4). The tables are total:
 * a state or event added without its row does not compile.
 */

export type ArrivalState =
  | "waiting"
  | "discovered"
  | "claimed"
  | "committed"
  | "archived"
  | "deleted"
  | "quarantined"
  | "skipped"
  | "undone"
  | "forgotten";

/** Why an arrival is not read. Only `gone` is not final. */
export type SkipRule = "gone" | "overwritten" | "grown" | "touched" | "baseline" | "adopted";

export type BatchState = "planned" | "staged" | "committed" | "settled" | "void";
