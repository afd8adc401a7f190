/**
 * Stages Parquet: footers first (types, counts, what cannot be read), then one schema for all, then DuckDB reads, fits and
 * writes what is not already what it would write (copy-whole.ts). A file that turns out damaged only while it is read is found, quarantined, and the rest is written without it.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { LandfallError } from "../base/landfall-error.ts";
import type { DataType, StructType } from "../schema/data-type.ts";
import { settleSchema, type SchemaDecision } from "../schema/decide-schema.ts";
import { typeAt, type KeyPath } from "../schema/key-path.ts";
import { unifySchemas, unifyTypes } from "../schema/unify-types.ts";
import { widenColumns } from "../schema/widen-columns.ts";
import { computeColumns, withoutComputed } from "./compute-columns.ts";
import { checkSchema, keysInFiles } from "./check-schema.ts";
import { adoptCopies, judgeCopies } from "./copy-whole.ts";
import type { StagedFile, StageRequest, StageResult, WrittenFile } from "./engine.ts";
import { bindRules } from "./expect/read-rules.ts";
import { keptRows } from "./expect/rules-sql.ts";
import {
  freePlaces,
  placeNames,
  setAside,
  withoutBroken,
  type PlaceColumns,
  type SetAside,
} from "./expect/set-aside.ts";
import type { FoundParquet } from "./found-parquet.ts";
import { openParquet } from "./open-parquet.ts";
import { ownColumns, type OwnColumn } from "./own-columns.ts";
import { isFilesFault } from "./parquet-footers.ts";
import { hidesRowNumbers, selectFitted } from "./parquet-select.ts";
import { byShape, fileWith, schemasOf, sourcesOf, type IncomingParquet } from "./parquet-schemas.ts";
import { findFaults } from "./parquet-faults.ts";
import { countMisfits, ignoredKeys, type Misfits } from "./parquet-misfits.ts";
import { fillingOf, hidesNumbers, NUMBERS_HIDDEN, type ParquetFilling } from "./parquet-filling.ts";
import { quarantined } from "./quarantined.ts";
import { partKey } from "./route-files.ts";
import { pathFaults } from "./refused-paths.ts";
import type { StageContext } from "./stage-text.ts";
import { rowsWithoutBounds } from "./without-bounds.ts";
import { writeParquet } from "./write-parquet.ts";
import { widenForTypes } from "./widen-for-types.ts";
import { tellWidened } from "./widened-columns.ts";
import { writeRejects } from "./write-rejects.ts";

/** `found` is by the place in the request. */
export async function stageParquet(
  request: StageRequest,
  context: StageContext,
  found: readonly FoundParquet[],
): Promise<StageResult> {
  const byKey = new Map(request.files.map((file, i) => [file.key, found[i]!]));
  const faults = new Map<string, string>();
  for (const [key, { damage }] of byKey) if (damage !== undefined) faults.set(key, damage);
  const own = ownColumns(request);
  for (const [{ key }, fault] of pathFaults(request.files, own, request.readerCaseSensitive))
    faults.set(key, fault);
  let incoming = await openParquet(request, context, { faults, found: byKey });
  const hidden = hidesNumbers(own, incoming);
  for (const key of hidden) faults.set(key, NUMBERS_HIDDEN);
  incoming = incoming.filter(({ file }) => !hidden.has(file.key));
  const filling = fillingOf(request, own, incoming);
  for (;;) {
    const decision = decide(request, own, incoming);
    const now = incoming;
    const fileOf = (path: KeyPath): string | undefined => fileWith(now, path);
    checkSchema({ decision, maxColumns: request.limits.maxColumns, fileOf });
    const filled = { ...request, ...filling };
    const widenings = await widenForTypes(filled, context, { incoming, schema: decision.schema });
    const schema = widenColumns(decision.schema, widenings);
    await bindRules(context.duckdb, context.rules, schema);
    const attempt = await tryWrite(filled, context, incoming, schema);
    if ("faults" in attempt) {
      for (const [key, fault] of attempt.faults) faults.set(key, fault);
      incoming = incoming.filter(({ file }) => !attempt.faults.has(file.key));
      continue;
    }
    const parts = Map.groupBy(incoming, ({ file }) => file.key);
    const { broken } = attempt;
    const rejects = await writeRejects({
      duckdb: context.duckdb,
      paths: [],
      broken: broken?.select,
      folder: request.scratchFolder,
      signal: context.signal,
    });
    return {
      schema,
      notes: decision.notes,
      added: keysInFiles(decision.added, fileOf),
      ...(widenings.length === 0 ? {} : { widened: tellWidened(widenings, fileOf) }),
      ...ignoredKeys(request, attempt.misfits),
      files: request.files.map((file, i) => {
        const staged = stagedFile(file.key, found[i]!, parts.get(file.key) ?? [], {
          fault: faults.get(file.key),
          misfits: attempt.misfits.rows,
          isRescued: request.rescuedDataColumn !== undefined,
        });
        return withoutBroken(staged, broken?.files.get(file.key));
      }),
      dataFiles: attempt.dataFiles,
      ...(rejects === undefined ? {} : { rejects }),
    };
  }
}

function decide(
  request: StageRequest,
  own: readonly OwnColumn[],
  incoming: readonly IncomingParquet[],
): SchemaDecision {
  const schemas = schemasOf(incoming);
  return settleSchema({
    ...request,
    own: own.map(({ field }) => field),
    infer: (options) => unifySchemas({ schemas, options, ignoresCase: !request.readerCaseSensitive }),
    dataAt: (path) => {
      const types = schemas.flatMap((schema) => typeAt(schema, path) ?? []);
      return types.find(isStruct) ?? (types.length === 0 ? undefined : unifyTypes(types));
    },
  });
}

function isStruct(type: DataType | undefined): boolean {
  return typeof type === "object" && type.type === "struct";
}

type Attempt =
  | {
      readonly dataFiles: readonly WrittenFile[];
      readonly misfits: Misfits;
      /** Undefined where every row holds the rules. */
      readonly broken?: SetAside;
    }
  | { readonly faults: ReadonlyMap<string, string> };

/** Writes the files' rows, or says which files stand in the way. */
async function tryWrite(
  request: StageRequest & ParquetFilling,
  context: StageContext,
  incoming: readonly IncomingParquet[],
  schema: StructType,
): Promise<Attempt> {
  if (incoming.length === 0) return { dataFiles: [], misfits: { rows: new Map(), keys: new Map() } };
  let failure: Error | undefined;
  try {
    const misfits = await countMisfits(request, context, incoming, schema);
    const copies = await judgeCopies({ context, incoming, schema, misfits });
    const dataFiles = [
      ...copies.dataFiles,
      ...(await writeAll(request, context, copies.rest, { schema, misfits })),
    ];
    const written = dataFiles.reduce((sum, file) => sum + file.rows, 0);
    const expected = incoming.reduce((sum, { footer }) => sum + footer.rows, 0);
    if (written === expected) {
      const adopted = await adoptCopies(copies.dataFiles, request.scratchFolder);
      return { dataFiles: [...adopted, ...dataFiles.slice(adopted.length)], misfits };
    }
    if (context.rules.length > 0 && written < expected) {
      const broken = await findBroken(request, context, incoming, { schema, misfits });
      const rows = [...broken.files.values()].reduce((sum, file) => sum + file.rows, 0);
      if (written + rows === expected) return { dataFiles, misfits, broken };
    }
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

async function writeAll(
  request: StageRequest & ParquetFilling,
  context: StageContext,
  incoming: readonly IncomingParquet[],
  fitting: Fitting,
): Promise<WrittenFile[]> {
  if (incoming.length === 0) return [];
  return writeParquet({
    duckdb: context.duckdb,
    select: keptRows(judged(selectAll(request, incoming, fitting), fitting, context), context.rules),
    schema: fitting.schema,
    partitionBy: request.partitionBy,
    folder: request.scratchFolder,
    maxPartitions: request.limits.maxPartitions,
    signal: context.signal,
    onProgress: context.onProgress,
  });
}

interface Fitting {
  readonly schema: StructType;
  readonly misfits: Misfits;
}

/** Clean and dirty files of each shape apart; with `places`, files that hide the numbers of their rows one by one. */
function selectAll(
  request: StageRequest & ParquetFilling,
  incoming: readonly IncomingParquet[],
  fitting: Fitting & { readonly places?: PlaceColumns },
): string {
  const { misfits, places } = fitting;
  const { own } = request;
  const schema = withoutComputed(fitting.schema, own);
  const placed = places === undefined ? {} : { places };
  const groups = byShape(incoming).flatMap((group) =>
    places !== undefined && hidesRowNumbers(group[0]!.footer.columns) ? group.map((one) => [one]) : [group],
  );
  const selects = groups.flatMap((group) =>
    [true, false].flatMap((isClean) => {
      const some = group.filter(({ footer }) => misfits.rows.has(footer.path) !== isClean);
      if (some.length === 0) return [];
      return [selectFitted({ ...request, schema, files: sourcesOf(some), isClean, ...placed })];
    }),
  );
  return computeColumns({
    select: selects.join("\nUNION ALL\n"),
    schema: fitting.schema,
    own,
    ...(places === undefined ? {} : { more: placeNames(places) }),
  });
}

/** Rules are not to be answered from the files' bounds. */
function judged(select: string, { schema }: Fitting, { rules }: StageContext): string {
  return rules.length === 0 ? select : rowsWithoutBounds(select, schema);
}

async function findBroken(
  request: StageRequest & ParquetFilling,
  context: StageContext,
  incoming: readonly IncomingParquet[],
  fitting: Fitting,
): Promise<SetAside> {
  const places = freePlaces(fitting.schema);
  return setAside({
    duckdb: context.duckdb,
    rules: context.rules,
    schema: fitting.schema,
    rescuedDataColumn: request.rescuedDataColumn,
    selects: [judged(selectAll(request, incoming, { ...fitting, places }), fitting, context)],
    places,
    sources: incoming.map(({ file: { key }, member, footer }) => ({
      name: footer.path,
      file: partKey(key, member),
      key,
    })),
    scratchFolder: request.scratchFolder,
    signal: context.signal,
  });
}

/** `incoming`: what of the file has gone into the table. */
function stagedFile(
  key: string,
  { bytes, crc32 }: FoundParquet,
  incoming: readonly IncomingParquet[],
  found: {
    readonly fault: string | undefined;
    readonly misfits: Misfits["rows"];
    readonly isRescued: boolean;
  },
): StagedFile {
  if (found.fault !== undefined) return quarantined({ key, bytes, crc32 }, found.fault);
  const rows = incoming.reduce((sum, { footer }) => sum + footer.rows, 0);
  const misfits = incoming.reduce((sum, { footer }) => sum + (found.misfits.get(footer.path) ?? 0), 0);
  return {
    key,
    outcome: "committed",
    bytes,
    crc32,
    read: rows,
    written: rows,
    rescued: found.isRescued ? misfits : 0,
    ...(found.isRescued ? {} : { ignored: misfits }),
    rejected: 0,
  };
}
