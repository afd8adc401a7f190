/** Where a pipeline's ledger, lease and spill lie. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { canonicalPath } from "../base/canonical-path.ts";

/**
 * The folder of a pipeline's ledger: in the table's folder, or below `--state`, where each table and pipeline has a folder of its own
 * since many may share it. Touches nothing.
 */
export function stateFolderOf(options: {
  /** Canonical path of the table. */
  readonly table: string;
  readonly name: string;
  /** `--state`, as given. */
  readonly state: string | undefined;
}): string {
  const { table, name, state } = options;
  if (state === undefined) return join(table, "_landfall", name);
  return join(canonicalPath(state), createHash("sha256").update(table).digest("hex").slice(0, 16), name);
}

/** The ledger's file in that folder. */
export function ledgerPath(folder: string): string {
  return join(folder, "ledger.db");
}
