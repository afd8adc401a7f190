/** Works out what a merge does: which rows of which files go, and which rows come, as a file that the table's own files are made of. */
import { LandfallError } from "../../base/landfall-error.ts";
import { nullableField, type StructType } from "../../schema/data-type.ts";
import { freeName } from "../../schema/source-name.ts";
import type { Duckdb } from "../duckdb.ts";
import type { EngineOptions, MatchedFile } from "../engine.ts";
import { fileTable } from "../file-table.ts";
import { sessionOf, withFiles } from "../instance-on-files.ts";
import type { SqlSession } from "../parquet-shape.ts";
import { matchedFiles, rowsOfFiles, setRow, type FoundRows } from "../row-bits.ts";
import { quoteName } from "../sql.ts";
import { selectedRelation } from "../table-relation.ts";
import { writeParquet } from "../write-parquet.ts";
import { writeDataFiles } from "../write-selected.ts";
import { candidateFiles } from "./candidate-files.ts";
import { MERGE_CHANGE, type MergeCounts, type MergedRows, type MergeRequest } from "./merge-request.ts";
import { readWithKeys, type ReadWithKeys } from "./read-with-keys.ts";
import { MERGE_RELATIONS, type MergeNames } from "./merge-relations.ts";
import { filesOfPairs, makeTable, viewOf } from "./merge-views.ts";
import { mergeSql, takesSeveral, type MergeSql } from "./merge-sql.ts";
import type { StepwiseSql } from "./stepwise-sql.ts";

/** See `Engine.mergeRows`. */
export function mergeRows(
  request: MergeRequest,
  options: { readonly engine: EngineOptions; readonly signal: AbortSignal | undefined },
): Promise<MergedRows> {
  const { target, source, folder } = request;
  const tables = [target, ...Object.values(source.tables)];
  const paths = tables.flatMap(({ files }) => files.map(({ path }) => path));
  return withFiles({ ...options, paths, folder }, (duckdb) =>
    merge(request, { duckdb, signal: options.signal, session: sessionOf(duckdb, options.signal) }),
  );
}

interface MergeSession {
  readonly duckdb: Duckdb;
  readonly session: SqlSession;
  readonly signal: AbortSignal | undefined;
}

async function merge(request: MergeRequest, context: MergeSession): Promise<MergedRows> {
  const { session } = context;
  const names = freeNames(request);
  const sql = mergeSql(request, names);
  const sourceRows = await takeSource(request, names, session);
  const candidates =
    request.whenNotMatchedBySource.length > 0
      ? request.target.files.map((_, file) => file)
      : await candidateFiles(request, session);
  const guarded = { places: candidates, isOnlyRead: request.isByKeysAlone };
  await viewOf(MERGE_RELATIONS.candidates, { request, names, session, ...guarded });
  const { stepwise } = sql;
  const read = await readWithKeys({ ...context, request, names, stepwise, sourceRows, candidates });
  await makeTable(MERGE_RELATIONS.pairs, pairsSql(sql, read), session);
  const found = await filesOfPairs(MERGE_RELATIONS.pairs, names, session);
  const touched = (await dropDeleted({ request, names, found, session }))
    ? await filesOfPairs(MERGE_RELATIONS.pairs, names, session)
    : found;
  // What a clause's condition says of a column might be asked of the column's bounds; without one rows are only looked up.
  const isOnlyRead = request.whenMatched.every(({ condition }) => condition === undefined);
  const isDoubtful = !takesSeveral(request) && (await haveSeveral(sql, session));
  if (isDoubtful || read === "nothing")
    await viewOf(MERGE_RELATIONS.touched, { request, names, places: touched, session, isOnlyRead });
  if (isDoubtful) await refuseAmbiguous(request, sql, session);
  if (request.whenNotMatchedBySource.length > 0) {
    const places = request.target.files.map((_, file) => file);
    await viewOf(MERGE_RELATIONS.live, { request, names, places, session, leavesDeletedOut: true });
  }
  if (typeof read === "number")
    await findChanged({ request, names, stepwise: stepwise!, first: read, session, isOnlyRead });
  else {
    const changed = read === "compared" ? stepwise!.comparedChanged : sql.changed;
    await makeTable(MERGE_RELATIONS.changed, changed, session);
  }
  const counts = await countsOf(request, sql, session);
  const changes = request.writesFiles ? [] : await writeChanges(request, sql.changes, context);
  const files = request.writesFiles ? await writeNewRows(request, sql.newRows, context) : [];
  const told = [...changes, ...files].reduce((sum, { rows }) => sum + rows, 0);
  const updated = counts.matchedUpdated + counts.notMatchedBySourceUpdated;
  const deleted = counts.matchedDeleted + counts.notMatchedBySourceDeleted;
  return {
    matched: await changedRows(request, context),
    changes,
    files,
    counts: {
      ...counts,
      source: sourceRows,
      inserted: told - updated - (request.tellsChanges ? updated + deleted : 0),
    },
  };
}

function pairsSql({ pairs, stepwise }: MergeSql, read: ReadWithKeys): string {
  if (read === "compared") return stepwise!.comparedPairs;
  return read === "nothing" ? pairs() : pairs(read);
}

function freeNames({ target, source }: MergeRequest): MergeNames {
  const fields = [...target.schema.fields, ...source.schema.fields];
  const taken = new Set(fields.map(({ name }) => name.toLowerCase()));
  return {
    file: freeName("landfall_file", taken),
    row: freeName("landfall_row", taken),
    source: freeName("landfall_source", taken),
    old: freeName("landfall_old", taken),
  };
}

const SOURCE_ROWS = '"landfall source rows"';

/** Once, so that a source row is the same in every pass. */
async function takeSource({ source }: MergeRequest, names: MergeNames, session: SqlSession): Promise<number> {
  for (const [name, table] of Object.entries(source.tables)) {
    const relation = await selectedRelation({ ...table, name }, session);
    await session.run(`CREATE TEMP VIEW ${quoteName(name)} AS ${relation}`);
  }
  const columns = source.schema.fields.map(({ name }) => quoteName(name)).join(", ");
  // By the place that a row has in the table: to count rows while they are read takes one thread, and twice the time.
  const hasRowid = source.schema.fields.some(({ name }) => name.toLowerCase() === "rowid");
  const number = hasRowid ? "row_number() OVER ()" : "rowid";
  await session.run(`CREATE TEMP TABLE ${SOURCE_ROWS} AS SELECT ${columns} FROM (\n${source.sql}\n)`);
  await session.run(
    `CREATE TEMP ${hasRowid ? "TABLE" : "VIEW"} ${MERGE_RELATIONS.source} AS SELECT *, ${number} AS ${quoteName(names.source)} FROM ${SOURCE_ROWS}`,
  );
  const [row] = await session.rows(`SELECT count(*) AS n FROM ${MERGE_RELATIONS.source}`);
  return Number(row!["n"]);
}

/**
 * Only pairs are looked up among the deleted rows: of a target with many that takes a hundredth of the time that leaving them out would.
 *
 * @param of `found`: the files of the pairs
 * @returns whether files of these have deleted rows
 */
async function dropDeleted(of: {
  readonly request: MergeRequest;
  readonly names: MergeNames;
  readonly found: readonly number[];
  readonly session: SqlSession;
}): Promise<boolean> {
  const { request, names, found, session } = of;
  const withDeleted = found.filter((file) => request.target.files[file]!.deleted !== undefined);
  if (withDeleted.length === 0) return false;
  const files = withDeleted.map((file) => request.target.files[file]!);
  const table = { ...request.target, name: "landfall deleted", partitionColumns: [], files };
  const order = files.map(({ path }) => path);
  const deleted = await fileTable(table, order, session);
  if (deleted === undefined) return false;
  await session.run(`DELETE FROM ${MERGE_RELATIONS.pairs} m USING ${deleted.name} v
    WHERE m.${quoteName(names.file)} = list_extract(CAST([${withDeleted.join(", ")}] AS BIGINT[]), v.file + 1)
      AND get_bit(v.bits, CAST(m.${quoteName(names.row)} AS INTEGER)) = 1`);
  return true;
}

async function haveSeveral({ several }: MergeSql, session: SqlSession): Promise<boolean> {
  await makeTable(MERGE_RELATIONS.several, several, session);
  const [row] = await session.rows(`SELECT 1 AS one FROM ${MERGE_RELATIONS.several} LIMIT 1`);
  return row !== undefined;
}

async function refuseAmbiguous(
  { keys }: MergeRequest,
  { ambiguous }: MergeSql,
  session: SqlSession,
): Promise<void> {
  const [row] = await session.rows(ambiguous);
  if (row === undefined) return;
  const shown = keys.map(({ target }, i) => `${target.join(".")} = ${String(row[`k${i}`])}`).join(", ");
  throw new LandfallError("MERGE_AMBIGUOUS", {
    message: `${String(row["pairs"])} of the rows that are merged match one row of the table: ${shown}.`,
    hint: "Merge one row for each row of the table, such as the newest of each key, or give the clauses conditions of which one is true only.",
  });
}

/** Makes the table of the rows that go or get other values: by the column that was read with the pairs, and of pairs that it leaves, by the others. */
async function findChanged(of: {
  readonly request: MergeRequest;
  readonly names: MergeNames;
  readonly stepwise: StepwiseSql;
  readonly first: number;
  readonly session: SqlSession;
  readonly isOnlyRead: boolean;
}): Promise<void> {
  const { request, names, stepwise, first, session, isOnlyRead } = of;
  const { changed, undecided, looked } = MERGE_RELATIONS;
  await makeTable(changed, stepwise.differingIn(first), session);
  const [row] = await session.rows(stepwise.areAllChanged);
  if (row!["all_changed"] === true) return;
  await makeTable(undecided, stepwise.undecided, session);
  const places = await filesOfPairs(undecided, names, session);
  if (places.length === 0) return;
  await viewOf(looked, { request, names, places, session, isOnlyRead });
  await session.run(`INSERT INTO ${changed} ${stepwise.differingInOthers(first)}`);
}

async function countsOf(
  { whenMatched, whenNotMatchedBySource }: MergeRequest,
  sql: MergeSql,
  session: SqlSession,
): Promise<Omit<MergeCounts, "source" | "inserted">> {
  const clauses = [...whenMatched, ...whenNotMatchedBySource];
  const counted = { matchedUpdated: 0, matchedDeleted: 0 };
  const bySource = { notMatchedBySourceUpdated: 0, notMatchedBySourceDeleted: 0 };
  for (const row of await session.rows(sql.counts)) {
    const clause = Number(row["clause"]);
    const rows = Number(row["n"]);
    const isUpdate = clauses[clause]!.values !== undefined;
    if (clause < whenMatched.length) counted[isUpdate ? "matchedUpdated" : "matchedDeleted"] += rows;
    else bySource[isUpdate ? "notMatchedBySourceUpdated" : "notMatchedBySourceDeleted"] += rows;
  }
  return { ...counted, ...bySource };
}

async function writeChanges(
  { target, folder }: MergeRequest,
  select: string | undefined,
  { duckdb, signal }: MergeSession,
): Promise<MergedRows["changes"]> {
  if (select === undefined) return [];
  const fields = target.schema.fields.map(({ type }, i) => nullableField(`c${i}`, type));
  const schema: StructType = { type: "struct", fields: [...fields, nullableField(MERGE_CHANGE, "string")] };
  return writeParquet({ duckdb, signal, select, schema, partitionBy: [], folder, maxPartitions: Infinity });
}

async function writeNewRows(
  { target, folder }: MergeRequest,
  sql: string | undefined,
  { duckdb, signal }: MergeSession,
): Promise<MergedRows["files"]> {
  if (sql === undefined) return [];
  const { files } = await writeDataFiles({ ...target, sql, folder }, { duckdb, signal });
  return files;
}

async function changedRows(
  { target }: MergeRequest,
  { duckdb, signal, session }: MergeSession,
): Promise<readonly MatchedFile[]> {
  const found = new Map<number, FoundRows>();
  const select = `SELECT CAST(f AS INTEGER), CAST(p AS INTEGER) FROM ${MERGE_RELATIONS.changed}`;
  for await (const [files, rows] of duckdb.integers(select, "read which rows a merge changes", signal))
    for (let i = 0; i < files!.length; i++) setRow(found, files![i]!, rows![i]!);
  return matchedFiles(found, await rowsOfFiles(session, target, [...found.keys()]));
}
