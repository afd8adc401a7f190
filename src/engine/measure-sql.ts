/**
 * The statement that counts rows and recomputes statistics from the values of tables, for `verify --data`. Values pass through an
 * expression that DuckDB cannot see through: it would fold a null count into what the Parquet footer says, which is what is to be
 * checked.
 */
import type { DataType } from "../schema/data-type.ts";
import type { ColumnStatistics } from "./engine.ts";
import { quoteName, quoteText } from "./sql.ts";

/** A column with values, not a struct. */
export interface MeasuredColumn {
  readonly path: readonly string[];
  readonly type: DataType;
}

export interface Measured {
  readonly rows: number;
  /** In the text forms of COPY … RETURN_STATS; NaN stands in no bound. */
  readonly columns: readonly ColumnStatistics[];
}

/** One row a table: its place in the list, its rows, and four values a column. */
export function measureSql(tables: readonly string[], columns: readonly MeasuredColumn[]): string {
  const values = columns.flatMap(measuredValues);
  // A column may have any name but one that is longer than all of them.
  const gate = quoteName("_".repeat(1 + Math.max(1, ...columns.map((column) => column.path[0]!.length))));
  return tables
    .map((table, i) => {
      const list = [String(i), "count(*)", ...values].map((value) => value.replaceAll(GATE, gate));
      return `SELECT ${list.join(", ")} FROM (SELECT *, random() AS ${gate} FROM ${quoteName(table)})`;
    })
    .join("\nUNION ALL ");
}

const GATE = "\0";

function measuredValues({ path, type }: MeasuredColumn): string[] {
  const [first, ...rest] = path;
  const value = rest.reduce(
    (inner, name) => `struct_extract(${inner}, ${quoteText(name)})`,
    quoteName(first!),
  );
  const opaque = `CASE WHEN ${GATE} < 2 THEN ${value} END`;
  const isFloating = type === "float" || type === "double";
  const bounded = isFloating ? `CASE WHEN NOT isnan(${opaque}) THEN ${value} END` : opaque;
  const bound = (name: "min" | "max"): string =>
    type === "binary" || type === "boolean"
      ? "CAST(NULL AS VARCHAR)"
      : `CAST(${name}(${bounded}) AS VARCHAR)`;
  const nan = isFloating ? `coalesce(bool_or(isnan(${opaque})), false)` : "false";
  return [bound("min"), bound("max"), `count(*) - count(${opaque})`, nan];
}

/** A row of `measureSql`'s answer. */
export function parseMeasured(
  row: readonly unknown[],
  columns: readonly MeasuredColumn[],
): { readonly table: number; readonly measured: Measured } {
  const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
  return {
    table: Number(row[0]),
    measured: {
      rows: Number(row[1]),
      columns: columns.map(({ path }, i) => {
        const [min, max, nulls, nan] = row.slice(2 + i * 4, 6 + i * 4);
        const minText = text(min);
        const maxText = text(max);
        return {
          path,
          ...(minText === undefined ? {} : { min: minText }),
          ...(maxText === undefined ? {} : { max: maxText }),
          nullCount: Number(nulls),
          ...(nan === true ? { hasNan: true } : {}),
        };
      }),
    },
  };
}
