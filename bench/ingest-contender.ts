/** Landfall reading a source into a table that is new in each run. */
import { type BenchOptions, documentOf, expectCount, freshTable } from "./bench.ts";
import { landfall } from "./paths.ts";
import type { Contender } from "./race.ts";

export interface Ingestion {
  readonly source: string;
  /** Rows that must stand in the table. */
  readonly rows: number;
  /** Records that must be rejected. Default: none, and the exit code is 0. */
  readonly rejected?: number;
  /** How the contender is called. Default: landfall. */
  readonly name?: string;
  /** More of the command line. */
  readonly flags?: readonly string[];
}

export function ingestContender(options: BenchOptions, ingestion: Ingestion): Contender {
  const { source, rows, rejected = 0, name = "landfall", flags = [] } = ingestion;
  const table = freshTable(options, "landfall");
  return {
    name,
    command: landfall("ingest", source, table.path, "--json", ...flags),
    before: table.empty,
    check: (run) => {
      const document = documentOf(run, { code: rejected > 0 ? 1 : 0 });
      expectCount("rows written", document.rows.written, rows);
      expectCount("rows rejected", document.rows.rejected, rejected);
    },
  };
}
