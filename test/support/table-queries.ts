import { after } from "node:test";
import { queryTable } from "../../src/operate/query-table.ts";
import { localStorage } from "../../src/storage/local-storage.ts";
import { temporaryFolder } from "./temporary-folder.ts";
import { testEngine } from "./test-engine.ts";

const MOST_ROWS = 10_000;

/**
 * Answers queries of tables as `landfall table query … --json` does, by one engine for all of a test file: the program starts one for
 * each. To be called once, outside of any test.
 */
export function tableQueries(): (table: string, sql: string) => Promise<unknown[][]> {
  const engine = testEngine();
  const scratchFolder = temporaryFolder({ after });
  return async (table, sql) => {
    const storage = localStorage({ root: table });
    const { rows } = await queryTable({ storage, engine, scratchFolder, sql, limit: MOST_ROWS });
    return rows.map((row) => [...row]);
  };
}
