/** A value of a person's expression as one of a column, as SQL: of the column's type, and never another value for that. Pure. */
import {
  DuckDBListType,
  DuckDBMapType,
  DuckDBStructType,
  DuckDBTypeId,
  type DuckDBType,
} from "@duckdb/node-api";
import { decimalOf, type DataType } from "../schema/data-type.ts";
import { duckdbType, quoteText } from "./sql.ts";

/** SQL text, or what stands in the way as the end of a sentence that begins with the value. */
export type AssignedSql = { readonly sql: string } | { readonly fault: string };

/** Those of a row hold all values of those before. */
const WHOLE: readonly (readonly DuckDBTypeId[])[] = [
  [DuckDBTypeId.TINYINT, DuckDBTypeId.SMALLINT, DuckDBTypeId.INTEGER, DuckDBTypeId.BIGINT],
  [DuckDBTypeId.UTINYINT, DuckDBTypeId.SMALLINT],
  [DuckDBTypeId.USMALLINT, DuckDBTypeId.INTEGER],
  [DuckDBTypeId.UINTEGER, DuckDBTypeId.BIGINT],
];
const WHOLE_IDS: ReadonlySet<DuckDBTypeId> = new Set([
  ...WHOLE.flat(),
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.HUGEINT,
  DuckDBTypeId.UHUGEINT,
]);
const FRACTIONAL_IDS: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.DECIMAL,
  DuckDBTypeId.FLOAT,
  DuckDBTypeId.DOUBLE,
]);
const WHOLE_TYPES: ReadonlySet<DataType> = new Set<DataType>(["byte", "short", "integer", "long"]);

/**
 * Numbers go into numbers: one that is too large fails with the statement that runs it, and so does one with a fraction for a column of
 * whole numbers; a decimal is rounded to its column's scale, as SQL does. Dates go into times. All else is of the column's own type.
 */
export function assignSql({
  sql,
  from,
  to,
}: {
  readonly sql: string;
  readonly from: DuckDBType;
  readonly to: DataType;
}): AssignedSql {
  const type = duckdbType(to);
  const cast = { sql: `CAST((${sql}) AS ${type})` };
  if (holdsAll(from, to)) return cast;
  const isFractional = FRACTIONAL_IDS.has(from.typeId);
  if (WHOLE_TYPES.has(to) && isFractional) {
    const fault = quoteText(`a number with a fraction does not fit ${type}`);
    return {
      sql: `CASE WHEN (${sql}) <> trunc(${sql}) THEN CAST(error(${fault}) AS ${type}) ELSE ${cast.sql} END`,
    };
  }
  if (isNumber(to) && (isFractional || WHOLE_IDS.has(from.typeId))) return cast;
  return {
    fault: `is of the type ${String(from)}, and the column of the type ${type}: write a cast, or a literal of that type`,
  };
}

function isNumber(type: DataType): boolean {
  return WHOLE_TYPES.has(type) || type === "float" || type === "double" || isDecimal(type);
}

function isDecimal(type: DataType): boolean {
  return typeof type === "string" && decimalOf(type) !== undefined;
}

/** True where every value of the one is a value of the other. */
function holdsAll(from: DuckDBType, to: DataType): boolean {
  if (from.typeId === DuckDBTypeId.SQLNULL) return true;
  if (typeof to === "string") {
    const type = duckdbType(to);
    if (String(from) === type.replaceAll(" ", "") || String(from) === type) return true;
    if (from.typeId === DuckDBTypeId.TIMESTAMP_TZ) return to === "timestamp";
    if (from.typeId === DuckDBTypeId.DATE) return to === "timestamp" || to === "timestamp_ntz";
    return WHOLE.some((row) => {
      const own = row.indexOf(from.typeId);
      return own >= 0 && row.some((id, i) => i > own && DuckDBTypeId[id] === type);
    });
  }
  if (to.type === "array") return from instanceof DuckDBListType && holdsAll(from.valueType, to.elementType);
  if (to.type === "map")
    return (
      from instanceof DuckDBMapType &&
      holdsAll(from.keyType, to.keyType) &&
      holdsAll(from.valueType, to.valueType)
    );
  return (
    from instanceof DuckDBStructType &&
    from.entryNames.length === to.fields.length &&
    to.fields.every(({ name, type }, i) => from.entryNames[i] === name && holdsAll(from.entryTypes[i]!, type))
  );
}
