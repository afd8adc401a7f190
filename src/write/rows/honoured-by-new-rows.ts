import { HONOURED_BY_ROWS } from "../../delta/features.ts";

/** Writer features that concern how rows are written, and nothing of what they are: a write of rows looks after them. */
export const HONOURED_BY_NEW_ROWS: ReadonlySet<string> = new Set([...HONOURED_BY_ROWS, "clustering"]);
