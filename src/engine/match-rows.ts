/** Finds rows: which files have some for which a condition is true, and which they are. */
import type { DuckDBConnection } from "@duckdb/node-api";
import { freeName } from "../schema/source-name.ts";
import { guarded, prepared } from "./column-batch/guarded-condition.ts";
import { readCondition } from "./column-batch/read-condition.ts";
import type { EngineOptions, MatchedFile, MatchRequest, QueryTable } from "./engine.ts";
import { integersOf } from "./integers-of.ts";
import { interruptible } from "./interruptible.ts";
import { lockedInstance } from "./locked-instance.ts";
import { matchedFiles, rowsOfFiles, setRow, type FoundRows } from "./row-bits.ts";
import { quoteName } from "./sql.ts";

/** See `Engine.matchRows`. */
export async function matchRows(
  { table, where }: MatchRequest,
  options: { readonly engine: EngineOptions; readonly signal: AbortSignal | undefined },
): Promise<readonly MatchedFile[]> {
  if (table.files.length === 0) return [];
  const { signal } = options;
  const doing = `look for rows of ${table.name}`;
  const taken = new Set(table.schema.fields.map(({ name }) => name.toLowerCase()));
  const file = freeName("landfall_file", taken);
  const places = { file, row: freeName("landfall_row", taken) };
  const locked = await guarded(doing, signal, () =>
    lockedInstance({
      tables: [{ ...table, places }],
      settings: "SET preserve_insertion_order = false;",
      ...options,
    }),
  );
  const { connection } = locked;
  try {
    return await guarded(
      doing,
      signal,
      () =>
        interruptible(connection, signal, async () => {
          const rows = {
            rows: async (sql: string) => (await connection.runAndReadAll(sql)).getRowObjectsJson(),
          };
          const condition = where === undefined ? "" : ` WHERE ${await readCondition(rows, where)}`;
          const select = `SELECT CAST(${quoteName(places.file)} AS INTEGER), CAST(${quoteName(places.row)} AS INTEGER) FROM ${quoteName(table.name)}${condition}`;
          const found = await foundRows(connection, select, table);
          return matchedFiles(found, await rowsOfFiles(rows, table, [...found.keys()]));
        }),
      { where, locked },
    );
  } finally {
    locked.close();
  }
}

/** By the files' places: the bits grow with the rows that are met. */
async function foundRows(
  connection: DuckDBConnection,
  select: string,
  table: QueryTable,
): Promise<Map<number, FoundRows>> {
  const statement = await prepared(connection, select, table.name);
  try {
    const result = await statement.stream();
    const found = new Map<number, FoundRows>();
    for (;;) {
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) return found;
      const [files, rows] = integersOf(chunk);
      for (let i = 0; i < chunk.rowCount; i++) setRow(found, files![i]!, rows![i]!);
    }
  } finally {
    statement.destroySync();
  }
}
