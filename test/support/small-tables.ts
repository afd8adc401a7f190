/** Small tables for damage: of our own writer, and copies of some of the corpora's. */
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeCheckpoint } from "../../src/delta/checkpoint.ts";
import type { ParquetPort } from "../../src/delta/parquet-port.ts";
import { localStorage } from "../../src/storage/local-storage.ts";
import { corporaFolder } from "./corpora.ts";
import { writeParquetFile } from "./write-parquet-file.ts";

/** Below `delta/more`: each kind of checkpoint, sidecars, deletion vectors, column mapping. */
const OTHERS: readonly string[] = [
  "delta-rs/simple_table_with_checkpoint",
  "delta-rs/python-0.25.5-checkpoint",
  "delta-rs/delta-0.8.0-partitioned",
  "kernel-java/kernel-pagination-multi-part-checkpoints",
  "kernel-java/kernel-pagination-v2-checkpoint-json",
  "kernel-java/kernel-pagination-v2-checkpoint-parquet",
  "kernel-java/basic-dv-no-checkpoint",
  "kernel-java/column-mapping-id",
  "kernel-rs-data/v2-parquet-sidecars-struct-stats-only",
  "kernel-rs-data/v1-multi-part-struct-stats-only",
  "kernel-rs-data/table-with-dv-small",
  "kernel-rs-data/with-short-dv",
  "kernel-rs-data-x/v2-checkpoints-json-without-sidecars",
  "kernel-rs-data-x/v2-classic-checkpoint-parquet",
];

/** Each in a folder of its own below the given one; gives their names. */
export async function writeSmallTables(folder: string, port: ParquetPort): Promise<string[]> {
  const names: string[] = [];
  for (const name of OTHERS) {
    const from = join(corporaFolder(), "delta/more", name);
    if (!existsSync(from)) continue;
    const own = name.replace("/", "-");
    cpSync(from, join(folder, own), { recursive: true });
    names.push(own);
    // As after a clean-up of its log: nothing stands in for a damaged checkpoint.
    if (!isCheckpointed(from)) continue;
    cpSync(from, join(folder, `${own}-trimmed`), { recursive: true });
    trim(join(folder, `${own}-trimmed`));
    names.push(`${own}-trimmed`);
  }
  for (const kind of ["commits", "checkpoint", "both"] as const) {
    await writeOwnTable(join(folder, `own-${kind}`), { kind, port });
    names.push(`own-${kind}`);
  }
  return names;
}

const CHECKPOINT = /^(\d{20})\.checkpoint\./;

function isCheckpointed(table: string): boolean {
  return readdirSync(join(table, "_delta_log")).some((name) => CHECKPOINT.test(name));
}

function trim(table: string): void {
  const names = readdirSync(join(table, "_delta_log")).sort();
  const newest = names.findLast((name) => CHECKPOINT.test(name))!.slice(0, 20);
  for (const name of names)
    if (name.slice(0, 20) < newest || name === `${newest}.json`) rmSync(join(table, "_delta_log", name));
}

const SCHEMA = JSON.stringify({
  type: "struct",
  fields: ["id:long", "name:string", "day:date", "part:string"].map((text) => {
    const [name, type] = text.split(":");
    return { name, type, nullable: true, metadata: {} };
  }),
});

/** Five commits, one of which takes a file away: as commits, as a checkpoint alone, or as both. */
async function writeOwnTable(
  table: string,
  options: { readonly kind: "commits" | "checkpoint" | "both"; readonly port: ParquetPort },
): Promise<void> {
  mkdirSync(join(table, "_delta_log"), { recursive: true });
  const first = [
    { protocol: { minReaderVersion: 1, minWriterVersion: 2 } },
    {
      metaData: {
        id: "3f1c8a52-0d6e-4b6f-9a57-0c5b8d1e2f30",
        format: { provider: "parquet", options: {} },
        schemaString: SCHEMA,
        partitionColumns: ["part"],
        configuration: {},
        createdTime: 1_700_000_000_000,
      },
    },
  ];
  for (let version = 0; version < 5; version++) {
    const actions: object[] = version === 0 ? [...first] : [];
    for (const part of ["a", "b"]) actions.push({ add: await dataFile(table, version, part) });
    if (version === 3)
      actions.push({ remove: { path: nameOf(1, "a"), deletionTimestamp: 1, dataChange: true } });
    actions.push({ commitInfo: { timestamp: 1_700_000_000_000 + version, operation: "WRITE" } });
    writeFileSync(
      join(table, commitName(version)),
      actions.map((action) => `${JSON.stringify(action)}\n`).join(""),
    );
  }
  if (options.kind === "commits") return;
  const scratchFolder = join(table, "scratch");
  mkdirSync(scratchFolder);
  const storage = localStorage({ root: table });
  await writeCheckpoint({ storage, parquet: { port: options.port, scratchFolder }, version: 3, now: 0 });
  rmSync(scratchFolder, { recursive: true });
  if (options.kind === "both") return;
  for (let version = 0; version < 4; version++) rmSync(join(table, commitName(version)));
}

const commitName = (version: number): string => `_delta_log/${String(version).padStart(20, "0")}.json`;
const nameOf = (version: number, part: string): string => `part=${part}/f${version}.parquet`;

async function dataFile(table: string, version: number, part: string): Promise<object> {
  const path = nameOf(version, part);
  mkdirSync(join(table, `part=${part}`), { recursive: true });
  const select = `SELECT CAST(i + ${version * 100} AS BIGINT) AS id, '${part}' || i AS name, DATE '2024-01-01' + CAST(i AS INTEGER) AS day FROM range(20) r(i)`;
  await writeParquetFile(join(table, path), select, "COMPRESSION snappy");
  const low = version * 100;
  return {
    path,
    partitionValues: { part },
    size: statSync(join(table, path)).size,
    modificationTime: 1_700_000_000_000 + version,
    dataChange: true,
    stats: JSON.stringify({
      numRecords: 20,
      minValues: { id: low },
      maxValues: { id: low + 19 },
      nullCount: { id: 0 },
    }),
  };
}
