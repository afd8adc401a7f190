/**
 * Reads every value of Parquet files that are to become data files: their rows and statistics from the values, and whether what their
 * footers state of each row group holds, since readers of the table skip row groups by it. A footer that states too narrow a bound would
 * lose rows where nobody sees it.
 */
import type { DataFileLayout } from "./data-file-layout.ts";
import type { DataFileLeaf } from "./data-file-schema.ts";
import type { Duckdb } from "./duckdb.ts";
import type { Measured } from "./measure-sql.ts";
import { parseMeasured } from "./measure-sql.ts";
import { duckdbType, pathsArgument, quoteName, quoteText } from "./sql.ts";

/** All of one schema. */
export interface MeasuredFile {
  readonly path: string;
  readonly layout: DataFileLayout;
}

export interface MeasuredRowGroups extends Measured {
  /** The footer's bounds hold, and its counts of nulls. */
  readonly isSound: boolean;
}

/** By the files' paths. @throws LandfallError ENGINE_FAILED where a file cannot be read to its end */
export async function measureRowGroups(options: {
  readonly duckdb: Duckdb;
  readonly files: readonly MeasuredFile[];
  readonly signal: AbortSignal | undefined;
}): Promise<Map<string, MeasuredRowGroups>> {
  const { duckdb, files, signal } = options;
  const { leaves } = files[0]!.layout;
  // A table between: of values that are still to be read the engine believes what the footer says, and would compare nothing.
  await duckdb.run(
    `CREATE OR REPLACE TEMP TABLE landfall_row_groups AS ${files.map(groupsOf).join("\nUNION ALL ")}`,
    "read Parquet files whole",
    signal,
  );
  const rows = await duckdb.rows(
    judgeSql(
      files.map(({ path }) => path),
      leaves,
    ),
    "look at what Parquet files say of themselves",
    signal,
  );
  await duckdb.run("DROP TABLE landfall_row_groups", "forget what was measured", signal);
  return new Map(
    rows.map(({ file, rows: count, sound, ...values }) => {
      const texts = leaves.flatMap((_, i) =>
        ["min", "max", "nulls", "nan"].map((name) => values[`${name}_${i}`]),
      );
      const { measured } = parseMeasured([file, count, ...texts], leaves);
      return [files[Number(file)]!.path, { ...measured, isSound: sound === true }];
    }),
  );
}

/** A row for each row group of a file. */
function groupsOf({ path, layout }: MeasuredFile, file: number): string {
  const { schema, leaves, rowGroups } = layout;
  const ends = rowGroups.map(
    (
      (sum) => (rows: number) =>
        (sum += rows)
    )(0),
  );
  const columns = [
    `${partOf(ends, 0)} AS part`,
    // The engine cannot see through a condition on it, and so takes nothing from the footer.
    "random() AS gate",
    ...leaves.map((leaf, i) => `${valueOf(leaf)} AS v${i}`),
    ...schema.fields.flatMap(({ name, type }, i) =>
      typeof type === "string" ? [] : [`${quoteName(name)} AS w${i}`],
    ),
  ];
  const values = leaves.flatMap(({ type }, i) => {
    const value = `CASE WHEN gate < 2 THEN v${i} END`;
    const bound = (name: "min" | "max"): string =>
      type === "binary" ? `CAST(NULL AS BLOB) AS ${name}_${i}` : `${name}(${value}) AS ${name}_${i}`;
    const nan = isFloating(type) ? `coalesce(bool_or(isnan(${value})), false)` : "false";
    return [bound("min"), bound("max"), `count(*) - count(${value}) AS nulls_${i}`, `${nan} AS nan_${i}`];
  });
  // So that every value of arrays and maps is read too.
  const proofs = schema.fields.flatMap(({ type }, i) =>
    typeof type === "string" ? [] : [`bit_xor(hash(w${i})) AS proof_${i}`],
  );
  return `SELECT ${file} AS file, part, count(*) AS rows, ${[...values, ...proofs].join(", ")}
    FROM (SELECT ${columns.join(", ")} FROM read_parquet(${pathsArgument([path])}, hive_partitioning = false)) GROUP BY part`;
}

function isFloating(type: DataFileLeaf["type"]): boolean {
  return type === "float" || type === "double";
}

function valueOf({ path: [first, ...rest] }: DataFileLeaf): string {
  return rest.reduce((inner, name) => `struct_extract(${inner}, ${quoteText(name)})`, quoteName(first!));
}

/** The row group of a row, found by halves. `ends`: the number of the first row behind each. */
function partOf(ends: readonly number[], first: number): string {
  if (ends.length === 1) return String(first);
  const half = Math.ceil(ends.length / 2);
  const [before, after] = [ends.slice(0, half), ends.slice(half)];
  return `CASE WHEN file_row_number < ${before.at(-1)} THEN ${partOf(before, first)} ELSE ${partOf(after, first + half)} END`;
}

/** A row for each file: its number, its rows, four values a leaf as `measureSql` gives them, and whether the footer is `sound`. */
function judgeSql(paths: readonly string[], leaves: readonly DataFileLeaf[]): string {
  const list = leaves.flatMap(({ type }, i) => {
    const bound = (name: "min" | "max"): string =>
      type === "boolean" ? "NULL" : `CAST(${name}(${name}_${i}) AS VARCHAR)`;
    return [
      `${bound("min")} AS min_${i}`,
      `${bound("max")} AS max_${i}`,
      `CAST(sum(nulls_${i}) AS BIGINT) AS nulls_${i}`,
      `bool_or(nan_${i}) AS nan_${i}`,
    ];
  });
  const sound = leaves.flatMap(soundness);
  const claims = leaves.flatMap(({ column }, i) =>
    CLAIMS.map((name) => `any_value(${name}) FILTER (column_id = ${column}) AS ${name}_${i}`),
  );
  const files = paths.map((path, i) => `(${i}, ${quoteText(path)})`);
  return `SELECT file, CAST(sum(rows) AS BIGINT) AS rows, ${["true", ...sound].map((one) => `bool_and(${one})`).join(" AND ")} AS sound
    ${list.map((one) => `, ${one}`).join("")}
    FROM landfall_row_groups JOIN (VALUES ${files.join(", ")}) files(file, file_name) USING (file)
    LEFT JOIN (SELECT file_name, row_group_id AS part, ${claims.join(", ")} FROM parquet_metadata(${pathsArgument(paths)}) GROUP BY ALL) claims
      USING (file_name, part) GROUP BY file`;
}

const CLAIMS = ["stats_min_value", "stats_max_value", "stats_min", "stats_max", "stats_null_count"];

/** Conditions that hold where the footer says nothing, or what is true. What it says in words that have no value is not true. */
function soundness({ type }: DataFileLeaf, i: number): string[] {
  const nulls = `(stats_null_count_${i} IS NULL OR stats_null_count_${i} = nulls_${i})`;
  // Nobody can order by the texts of bytes; and readers know that the old bounds of texts were ordered by signed bytes.
  const names = type === "binary" ? [] : type === "string" ? ["_value"] : ["_value", ""];
  const bounds = names.flatMap((suffix) =>
    (["min", "max"] as const).map((name) => {
      const claim = `stats_${name}${suffix}_${i}`;
      const held = `${name}_${i} ${name === "min" ? ">=" : "<="} TRY_CAST(${claim} AS ${duckdbType(type)})`;
      // NaN stands in no footer, and readers who order it look for it themselves.
      const apart = isFloating(type) ? ` OR isnan(${name}_${i})` : "";
      return `(${claim} IS NULL OR ${name}_${i} IS NULL${apart} OR coalesce(${held}, false))`;
    }),
  );
  return [nulls, ...bounds];
}
