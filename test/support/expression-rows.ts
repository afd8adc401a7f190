/** Rows for expressions (`known-expressions.ts`), in SQL of both engines. */
import { duckdbType, quoteName, quoteText } from "../../src/engine/sql.ts";
import { formatDdlType } from "../../src/schema/format-ddl.ts";
import { parseDdl } from "../../src/schema/ddl.ts";
import type { StructType } from "../../src/schema/data-type.ts";

export const EXPRESSION_SCHEMA: StructType = parseDdl(
  "i INT, j INT, l BIGINT, y TINYINT, f FLOAT, x DOUBLE, m DECIMAL(10,2), n DECIMAL(20,6), s STRING, p STRING, b BOOLEAN, d DATE, t TIMESTAMP, w TIMESTAMP_NTZ, `odd name` INT",
);

type Cell = string | null;

/** One text a column, which both engines cast to its type alike. */
export const EXPRESSION_ROWS: readonly (readonly Cell[])[] = [
  // prettier-ignore
  ["1", "2", "3", "4", "0.1", "0.1", "1.25", "0.000001", "abc", "b", "true", "2024-02-29", "2024-02-29 23:30:00.5", "2024-02-29 23:30:00.5", "1"],
  // prettier-ignore
  ["0", "0", "0", "0", "0", "0", "0", "0", "", "", "false", "1970-01-01", "1970-01-01 00:00:00", "1970-01-01 00:00:00", "0"],
  // prettier-ignore
  ["-7", "2", "-9223372036854775808", "-128", "-1.5", "-2.5", "-99999999.99", "-1.5", "Größe", "ß", "true", "1969-12-31", "1969-12-31 23:59:59.999999", "1969-12-31 23:59:59.999999", "-7"],
  // prettier-ignore
  ["2147483647", "-1", "9223372036854775807", "127", "NaN", "NaN", "99999999.99", "12345678901234.5", "  x 1 ", "x", "false", "2000-01-01", "2000-01-01 12:00:00", "2000-01-01 12:00:00", "2147483647"],
  // prettier-ignore
  ["-2147483648", "-1", "-1", "-1", "Infinity", "Infinity", "0.01", "99999999999999.999999", "12", "1", "true", "9999-12-31", "9999-12-31 23:59:59.999999", "9999-12-31 23:59:59.999999", "-2147483648"],
  // prettier-ignore
  ["5", null, "7", null, null, "2.5", null, "3", "2024-02-29", "02", null, null, null, null, null],
  // prettier-ignore
  [null, "3", null, "1", "3", null, "3", null, null, "c", "false", "2021-01-03", "2021-01-03 00:00:00", "2021-01-03 00:00:00", "3"],
  [null, null, null, null, null, null, null, null, null, null, null, null, null, null, null],
  // prettier-ignore
  ["10", "3", "100", "10", "16777216", "1e300", "12.5", "12.5", "a%b_c\\d", "a%", "true", "1582-10-10", "1582-10-10 10:10:10", "1582-10-10 10:10:10", "10"],
  // prettier-ignore
  ["-1", "7", "5", "3", "-0.0", "-0.0", "-1.25", "-0.000001", "日本語 😀", "本", "false", "1000-01-01", "1000-01-01 01:02:03", "1000-01-01 01:02:03", "5"],
];

/** The rows as a SELECT, with their number as `row`; `only`: one of them. */
export function expressionRows(dialect: "spark" | "duckdb", only?: number): string {
  const { fields } = EXPRESSION_SCHEMA;
  const rows = EXPRESSION_ROWS.flatMap((cells, row) => {
    if (only !== undefined && row !== only) return [];
    const columns = cells.map((cell, i) => {
      const { name, type } = fields[i]!;
      return dialect === "duckdb"
        ? `CAST(${cell === null ? "NULL" : quoteText(cell)} AS ${duckdbType(type)}) AS ${quoteName(name)}`
        : `CAST(${cell === null ? "NULL" : `'${cell.replaceAll("\\", "\\\\")}'`} AS ${formatDdlType(type)}) AS \`${name}\``;
    });
    return [`SELECT ${row} AS row, ${columns.join(", ")}`];
  });
  return rows.join(" UNION ALL ");
}
