/**
 * Stages Parquet: footers first (types, counts, what cannot be read), then one schema for all, then DuckDB reads, fits and
 * writes. A file that turns out damaged only while it is read is found, quarantined, and the rest is written without it.
 */
import { mkdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { LandfallError } from "../base/landfall-error.ts";
import { decodePathBytes } from "../base/path-bytes.ts";
import type { StructType } from "../schema/data-type.ts";
import { settleSchema, type SchemaDecision } from "../schema/decide-schema.ts";
import { unifySchemas } from "../schema/unify-types.ts";
import type { StagedFile, StageFile, StageRequest, StageResult, WrittenFile } from "./engine.ts";
import { grouped } from "./group-files.ts";
import { isFilesFault, parquetFault, readFooters, type ParquetFooter } from "./parquet-footers.ts";
import { selectFitted, selectRescued } from "./parquet-select.ts";
import { deltaTypeOf } from "./parquet-type.ts";
import type { LookedFile } from "./scan/scan-jobs.ts";
import type { StageContext } from "./stage-text.ts";
import { writeParquet } from "./write-parquet.ts";

/** A file on its way into the table. */
interface Incoming {
  readonly file: StageFile;
  readonly footer: ParquetFooter;
}

export async function stageParquet(request: StageRequest, context: StageContext): Promise<StageResult> {
  const looked = await lookAt(request, context);
  const faults = new Map<string, string>();
  for (const [i, { damage }] of looked.entries())
    if (damage !== undefined) faults.set(request.files[i]!.key, damage);
  let incoming = await openAll(request, context, faults);
  for (;;) {
    const decision = decide(request, incoming);
    const attempt = await tryWrite(request, context, incoming, decision.schema);
    if ("faults" in attempt) {
      for (const [key, fault] of attempt.faults) faults.set(key, fault);
      incoming = incoming.filter(({ file }) => !attempt.faults.has(file.key));
      continue;
    }
    const footers = new Map(incoming.map(({ file, footer }) => [file.key, footer]));
    return {
      ...decision,
      files: request.files.map((file, i) =>
        stagedFile(file.key, looked[i]!, footers.get(file.key), {
          fault: faults.get(file.key),
          rescued: attempt.rescued.get(file.key) ?? 0,
        }),
      ),
      dataFiles: attempt.dataFiles,
    };
  }
}

/** By the place in the request. */
async function lookAt(request: StageRequest, context: StageContext): Promise<LookedFile[]> {
  const groups = grouped(request.files.map((file, rank) => ({ rank, ...file })));
  const results = await context.pool.run(
    groups.map((files) => ({ kind: "look", format: "parquet", files })),
    { signal: context.signal },
  );
  const looked: LookedFile[] = [];
  for (const file of results.flatMap((result) => result.files)) looked[file.rank] = file;
  return looked;
}

/** Links and footers of the files that have no fault yet, in the order of their keys; new faults are added. */
async function openAll(
  request: StageRequest,
  context: StageContext,
  faults: Map<string, string>,
): Promise<Incoming[]> {
  const inputs = join(request.scratchFolder, "inputs");
  await mkdir(inputs, { recursive: true, mode: 0o700 });
  const links = new Map<string, StageFile>();
  const byKey = request.files
    .filter((file) => !faults.has(file.key))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  for (const [rank, file] of byKey.entries()) {
    const link = join(inputs, `link-${rank}.parquet`);
    await symlink(decodePathBytes(file.path), link);
    links.set(link, file);
  }
  const { duckdb, signal } = context;
  const { maxColumns } = request.limits;
  const footers = await readFooters({ duckdb, paths: [...links.keys()], maxColumns, signal });
  const incoming: Incoming[] = [];
  for (const footer of footers) {
    const file = links.get(footer.path)!;
    if ("damage" in footer) faults.set(file.key, footer.damage);
    else incoming.push({ file, footer });
  }
  return incoming;
}

function decide(request: StageRequest, incoming: readonly Incoming[]): SchemaDecision {
  return settleSchema({
    ...request,
    infer: (options) => unifySchemas({ schemas: schemasOf(incoming), options }),
  });
}

/** One for each shape, in the order of the files' keys: equal shapes teach nothing new. A name that stands twice counts once. */
function schemasOf(incoming: readonly Incoming[]): StructType[] {
  const shapes = new Map(incoming.toReversed().map(({ footer }) => [footer.shape, footer.columns]));
  const order = new Set(incoming.map(({ footer }) => footer.shape));
  return [...order].map((shape) => {
    const columns = new Map(
      shapes
        .get(shape)!
        .toReversed()
        .map((column) => [column.name, column]),
    );
    return {
      type: "struct",
      fields: [...columns.values()]
        .toReversed()
        .map(({ name, type }) => ({ name, type: deltaTypeOf(type), nullable: true, metadata: {} })),
    };
  });
}

type Attempt =
  | { readonly dataFiles: readonly WrittenFile[]; readonly rescued: ReadonlyMap<string, number> }
  | { readonly faults: ReadonlyMap<string, string> };

/** Writes the files' rows, or says which files stand in the way. */
async function tryWrite(
  request: StageRequest,
  context: StageContext,
  incoming: readonly Incoming[],
  schema: StructType,
): Promise<Attempt> {
  if (incoming.length === 0) return { dataFiles: [], rescued: new Map() };
  let failure: Error | undefined;
  try {
    const rescued = await countRescued(request, context, incoming, schema);
    const dataFiles = await writeAll(request, context, incoming, { schema, rescued });
    const written = dataFiles.reduce((sum, file) => sum + file.rows, 0);
    const expected = incoming.reduce((sum, { footer }) => sum + footer.rows, 0);
    if (written === expected) return { dataFiles, rescued };
  } catch (error) {
    if (!isFilesFault(error)) throw error;
    failure = error;
  }
  await rm(join(request.scratchFolder, "data"), { recursive: true, force: true });
  const faults = await findFaults(request, context, incoming, schema);
  if (faults.size > 0) return { faults };
  throw (
    failure ??
    new LandfallError("COUNTS_DO_NOT_CLOSE", {
      message:
        "The rows written are not those that the Parquet footers count, and no file of them stands out.",
      hint: "Nothing was committed. This is a fault of Landfall: please report it with the files.",
    })
  );
}

/** Rows of each file of which something is rescued, by key; only files of shapes that can hold a misfit are read for it. */
async function countRescued(
  request: StageRequest,
  context: StageContext,
  incoming: readonly Incoming[],
  schema: StructType,
): Promise<Map<string, number>> {
  const keys = new Map(incoming.map(({ file, footer }) => [footer.path, file.key]));
  const counts = new Map<string, number>();
  for (const group of byShape(incoming)) {
    const sql = selectRescued({ ...request, schema, files: sourcesOf(group) });
    if (sql === undefined) continue;
    const rows = await context.duckdb.rows(sql, "count what does not fit", context.signal);
    for (const row of rows) {
      const rescued = Number(row["rescued"]);
      if (rescued > 0) counts.set(keys.get(String(row["file"]))!, rescued);
    }
  }
  return counts;
}

async function writeAll(
  request: StageRequest,
  context: StageContext,
  incoming: readonly Incoming[],
  options: { readonly schema: StructType; readonly rescued: ReadonlyMap<string, number> },
): Promise<WrittenFile[]> {
  const { schema, rescued } = options;
  const selects = byShape(incoming).flatMap((group) => {
    const dirty = group.filter(({ file }) => rescued.has(file.key));
    const clean = group.filter(({ file }) => !rescued.has(file.key));
    return [
      ...(clean.length === 0
        ? []
        : [selectFitted({ ...request, schema, files: sourcesOf(clean), isClean: true })]),
      ...(dirty.length === 0
        ? []
        : [selectFitted({ ...request, schema, files: sourcesOf(dirty), isClean: false })]),
    ];
  });
  return writeParquet({
    duckdb: context.duckdb,
    select: selects.join("\nUNION ALL\n"),
    schema,
    partitionBy: request.partitionBy,
    folder: request.scratchFolder,
    maxPartitions: request.limits.maxPartitions,
    signal: context.signal,
    onProgress: context.onProgress,
  });
}

/** Reads each file alone, whole. */
async function findFaults(
  request: StageRequest,
  context: StageContext,
  incoming: readonly Incoming[],
  schema: StructType,
): Promise<Map<string, string>> {
  const faults = new Map<string, string>();
  for (const { file, footer } of incoming) {
    const select = selectFitted({
      ...request,
      schema,
      files: sourcesOf([{ file, footer }]),
      isClean: false,
    });
    try {
      const [row] = await context.duckdb.rows(
        `SELECT count(*) AS rows, bit_xor(hash(one)) AS proof FROM (${select}) one`,
        "read a Parquet file",
        context.signal,
      );
      const rows = Number(row!["rows"]);
      if (rows !== footer.rows)
        faults.set(file.key, `Parquet: the footer counts ${footer.rows} rows, the file holds ${rows}`);
    } catch (error) {
      if (!isFilesFault(error)) throw error;
      // An engine that can no longer answer anything says nothing about the file.
      await context.duckdb.rows("SELECT 1", "ask whether the engine still answers", context.signal);
      faults.set(file.key, parquetFault("its data cannot be read", error));
    }
  }
  return faults;
}

function byShape(incoming: readonly Incoming[]): Incoming[][] {
  return [...Map.groupBy(incoming, ({ footer }) => footer.shape).values()];
}

function sourcesOf(group: readonly Incoming[]): {
  readonly columns: ParquetFooter["columns"];
  readonly paths: readonly { readonly path: string; readonly key: string }[];
} {
  return {
    columns: group[0]!.footer.columns,
    paths: group.map(({ file, footer }) => ({ path: footer.path, key: file.key })),
  };
}

function stagedFile(
  key: string,
  looked: LookedFile,
  footer: ParquetFooter | undefined,
  found: { readonly fault: string | undefined; readonly rescued: number },
): StagedFile {
  const { bytes, crc32 } = looked;
  if (footer === undefined) {
    const nothing = { read: 0, written: 0, rescued: 0, rejected: 0 };
    const reason = found.fault ?? "Parquet: the file cannot be read";
    return { key, outcome: "quarantined", reason, bytes, crc32, ...nothing };
  }
  const { rows } = footer;
  return {
    key,
    outcome: "committed",
    bytes,
    crc32,
    read: rows,
    written: rows,
    rescued: found.rescued,
    rejected: 0,
  };
}
