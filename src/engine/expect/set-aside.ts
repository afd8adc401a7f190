/**
 * Finds the rows that break a rule, once the writer has left some out: which, of which file, the rule. They are read once more, since in the
 * first read they do not tell their files and numbers; a batch without such rows is never read twice.
 */
import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { StructType } from "../../schema/data-type.ts";
import { freeName } from "../../schema/source-name.ts";
import type { Duckdb } from "../duckdb.ts";
import type { StagedFile } from "../engine.ts";
import { pathsArgument, quoteName, rowAsJson } from "../sql.ts";
import { ROW_NAME, type ReadRule } from "./read-rules.ts";
import { allHold, firstBroken, ruleValues } from "./rules-sql.ts";

/** The columns that `PlacedSelect` has beside the table's; chosen so that no column has that name. */
export interface PlaceColumns {
  /** How the row tells its file: a name of the sources. */
  readonly source: string;
  /** Its number there, from 1. */
  readonly row: string;
  /** Where it begins there, in bytes; null where there is no such place. */
  readonly offset: string;
}

/** A file of the batch, or the member of an archive. */
export interface RowSource {
  /** How rows tell it. */
  readonly name: string;
  /** How rejects name it. */
  readonly file: string;
  /** The key of the file that its rows are counted for. */
  readonly key: string;
}

export interface SetAsideOptions {
  readonly duckdb: Duckdb;
  readonly rules: readonly ReadRule[];
  readonly schema: StructType;
  readonly rescuedDataColumn: string | undefined;
  readonly corruptColumn?: string | undefined;
  /** Each a SELECT of the table's columns and those of the place. */
  readonly selects: readonly string[];
  readonly places: PlaceColumns;
  readonly sources: readonly RowSource[];
  readonly scratchFolder: string;
  readonly signal: AbortSignal | undefined;
}

/** Rows of one file that break a rule. */
export interface BrokenRows {
  readonly rows: number;
  /** Those of them that have something in the rescued-data column. */
  readonly rescued: number;
  /** Those of them that are the text of a record that could not be read. */
  readonly corrupt: number;
}

export interface SetAside {
  /** By the file's key. */
  readonly files: ReadonlyMap<string, BrokenRows>;
  /** A SELECT of the rows, with the columns of the rejects. */
  readonly select: string;
}

/** Of a row at most so many characters are kept. */
const CONTENT_LENGTH = 1024 ** 2;

export async function setAside(options: SetAsideOptions): Promise<SetAside> {
  const { duckdb, signal, sources, rules, scratchFolder } = options;
  await duckdb.run(
    "CREATE OR REPLACE TEMP TABLE landfall_broken(source VARCHAR, place BIGINT, byte_offset BIGINT, rule INTEGER, content VARCHAR, rescued BOOLEAN, corrupt BOOLEAN)",
    "prepare for rows that break a rule",
    signal,
  );
  for (const select of options.selects) await duckdb.run(insertBroken(options, select), FINDING, signal);
  const file = join(scratchFolder, `sources-${randomUUID()}.ndjson`);
  await writeFile(file, sources.map((source) => `${JSON.stringify(source)}\n`).join(""), { mode: 0o600 });
  const placed = `landfall_broken b JOIN (SELECT * FROM read_json(${pathsArgument([file])}, format = 'newline_delimited', records = true,
    compression = 'uncompressed', columns = {name: 'VARCHAR', file: 'VARCHAR', key: 'VARCHAR'})) s ON b.source = s.name`;
  const counts = await duckdb.rows(
    `SELECT s.key, count(*) AS "rows", count(*) FILTER (b.rescued) AS rescued, count(*) FILTER (b.corrupt) AS corrupt FROM ${placed} GROUP BY ALL`,
    FINDING,
    signal,
  );
  return {
    files: new Map(
      counts.map((row) => [
        String(row["key"]),
        {
          rows: Number(row["rows"]),
          rescued: Number(row["rescued"]),
          corrupt: Number(row["corrupt"]),
        },
      ]),
    ),
    select: `SELECT s.file, b.place AS record, b.byte_offset, CAST(strlen(b.content) AS BIGINT) AS length,
      r.reason, r.name AS rule, encode(left(b.content, ${CONTENT_LENGTH})) AS content
      FROM ${placed} JOIN (VALUES ${ruleValues(rules)}) r(place, name, reason) ON r.place = b.rule`,
  };
}

const FINDING = "find the rows that break a rule";

function insertBroken(options: SetAsideOptions, select: string): string {
  const { rules, schema, places, rescuedDataColumn, corruptColumn } = options;
  const column = (name: string): string => `${ROW_NAME}.${quoteName(name)}`;
  const isFilled = (own: string | undefined): string => {
    const name = schema.fields.find((field) => field.name.toLowerCase() === own?.toLowerCase())?.name;
    return name === undefined ? "false" : `${column(name)} IS NOT NULL`;
  };
  return `INSERT INTO landfall_broken SELECT ${column(places.source)}, ${column(places.row)}, ${column(places.offset)}, ${firstBroken(rules)},
    ${rowAsJson(schema, ROW_NAME)}, ${isFilled(rescuedDataColumn)}, ${isFilled(corruptColumn)}
    FROM (${select}) ${ROW_NAME} WHERE NOT (${allHold(rules)})`;
}

/** The place of each row of one input, whose parts are given as SQL, as columns for its SELECT. */
export function placeOf(place: PlaceColumns, places: PlaceColumns): string {
  return (["source", "row", "offset"] as const)
    .map((part) => `${place[part]} AS ${quoteName(places[part])}`)
    .join(", ");
}

/** The SQL of a place that no format of lines has. */
export const NO_OFFSET = "CAST(NULL AS BIGINT)";

/** The columns of the place, in the order of `placeOf`. */
export function placeNames({ source, row, offset }: PlaceColumns): string[] {
  return [source, row, offset];
}

/** The file's counts without its rows that break a rule, of counts that know nothing of rules. */
export function withoutBroken(file: StagedFile, broken: BrokenRows | undefined): StagedFile {
  if (broken === undefined) return file;
  const written = file.written - broken.rows;
  return {
    ...file,
    written,
    rescued: file.rescued - broken.rescued,
    rejected: file.rejected + broken.rows,
    ...(file.corrupt === undefined ? {} : { corrupt: file.corrupt - broken.corrupt }),
    // Nothing tells of which rows something was left out.
    ...(file.ignored === undefined ? {} : { ignored: Math.min(file.ignored, written) }),
  };
}

/** Names for the place that no column of the table has. */
export function freePlaces(schema: StructType): PlaceColumns {
  const taken = new Set(schema.fields.map((field) => field.name.toLowerCase()));
  return {
    source: freeName("landfall_source", taken),
    row: freeName("landfall_row", taken),
    offset: freeName("landfall_offset", taken),
  };
}
