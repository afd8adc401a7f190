/** A version of a table as our reader gives it, with canonical values: for comparison with what a judge read. */
import { columnsToRead, filesToRead } from "../../src/delta/files-to-read.ts";
import { readSnapshot } from "../../src/delta/snapshot.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { localStorage } from "../../src/storage/local-storage.ts";
import { sortRows, type CanonicalRow } from "./canonical-rows.ts";
import { canonicalRowsOf, namedTypes, type NamedType } from "./canonical-values.ts";

export interface VersionRead {
  readonly version: number;
  readonly fields: readonly NamedType[];
  /** Sorted. */
  readonly rows: readonly CanonicalRow[];
  /** By the log alone; undefined when a file does not say. */
  readonly numRecords: number | undefined;
}

const MOST_ROWS = 1_000_000;

/** @throws LandfallError as reading a table throws */
export async function readVersion(options: {
  readonly table: string;
  /** Default: the newest. */
  readonly version?: number;
  readonly engine: Engine;
  readonly scratchFolder: string;
}): Promise<VersionRead> {
  const { table, version, engine, scratchFolder } = options;
  const storage = localStorage({ root: table });
  const snapshot = await readSnapshot({
    storage,
    parquet: { port: engine, scratchFolder },
    ...(version === undefined ? {} : { version }),
  });
  if (snapshot === undefined) throw new Error(`no table at ${table}`);
  const { schema } = snapshot;
  const columns = columnsToRead(snapshot);
  const adds = [...snapshot.adds.values()];
  const files = await filesToRead({ storage, columns, adds, allowOutside: false });
  const { rows } = await engine.query({
    sql: "SELECT * FROM t",
    limit: MOST_ROWS,
    tables: [{ name: "t", ...columns, files }],
  });
  return {
    version: snapshot.version,
    fields: namedTypes(schema.fields),
    rows: sortRows(canonicalRowsOf(rows, schema.fields)),
    numRecords: recordsOf(adds),
  };
}

function recordsOf(
  adds: readonly {
    readonly stats?: string;
    readonly deletionVector?: { readonly cardinality: number | bigint };
  }[],
): number | undefined {
  let records = 0;
  for (const { stats, deletionVector } of adds) {
    const { numRecords } = statisticsOf(stats);
    if (numRecords === undefined) return undefined;
    records += numRecords - Number(deletionVector?.cardinality ?? 0);
  }
  return records;
}

/** Statistics are advice: text that is none says nothing. */
function statisticsOf(text: string | undefined): { readonly numRecords?: number } {
  try {
    return (JSON.parse(text ?? "{}") ?? {}) as { readonly numRecords?: number };
  } catch {
    return {};
  }
}
