/** A version of a table as our reader gives it, with canonical values: for comparison with what a judge read. */
import { storageKeyOfPath } from "../../src/delta/add-path.ts";
import { unsupported } from "../../src/delta/features.ts";
import { readSnapshot } from "../../src/delta/snapshot.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { localStorage } from "../../src/storage/local-storage.ts";
import { sortRows, type CanonicalRow } from "./canonical-rows.ts";
import { canonicalRowsOf, type NamedType } from "./canonical-values.ts";

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
  const files = [...snapshot.adds.values()].map((add) => {
    const key = storageKeyOfPath(add.path);
    if (add.deletionVector !== undefined || key === undefined)
      throw unsupported("the table feature deletionVectors", "read");
    return { path: storage.localPath!(key), partitionValues: add.partitionValues };
  });
  const { schema, partitionColumns } = snapshot;
  const { rows } = await engine.query({
    sql: "SELECT * FROM t",
    limit: MOST_ROWS,
    tables: [{ name: "t", schema, partitionColumns, files }],
  });
  return {
    version: snapshot.version,
    fields: schema.fields.map(({ name, type }) => ({ name, type })),
    rows: sortRows(canonicalRowsOf(rows, schema.fields)),
    numRecords: recordsOf([...snapshot.adds.values()]),
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
    const { numRecords } = JSON.parse(stats ?? "{}") as { readonly numRecords?: number };
    if (numRecords === undefined) return undefined;
    records += numRecords - Number(deletionVector?.cardinality ?? 0);
  }
  return records;
}
