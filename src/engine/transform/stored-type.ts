/** The type in which a column of a transform's result is written: its own, or the nearest that Delta has and that loses nothing. Pure. */
import {
  DuckDBArrayType,
  DuckDBListType,
  DuckDBMapType,
  DuckDBStructType,
  DuckDBTypeId,
  type DuckDBType,
} from "@duckdb/node-api";
import { quoteName } from "../sql.ts";

/** Text for a cast, or what stands in the way as the end of a sentence that begins with the column. */
export type StoredType = { readonly cast: string } | { readonly fault: string };

const AS_IT_IS: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.BOOLEAN,
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.FLOAT,
  DuckDBTypeId.DOUBLE,
  DuckDBTypeId.DECIMAL,
  DuckDBTypeId.BLOB,
  DuckDBTypeId.DATE,
  DuckDBTypeId.TIMESTAMP,
  DuckDBTypeId.TIMESTAMP_NS,
  DuckDBTypeId.TIMESTAMP_TZ,
]);

const OTHERWISE: ReadonlyMap<DuckDBTypeId, string> = new Map([
  // What sums of whole numbers give. What 64 bits do not hold fails the cast, and is never cut.
  [DuckDBTypeId.HUGEINT, "BIGINT"],
  [DuckDBTypeId.VARCHAR, "VARCHAR"],
  [DuckDBTypeId.ENUM, "VARCHAR"],
  [DuckDBTypeId.UUID, "VARCHAR"],
  [DuckDBTypeId.TIMESTAMP_S, "TIMESTAMP"],
  [DuckDBTypeId.TIMESTAMP_MS, "TIMESTAMP"],
]);

export function storedType(type: DuckDBType): StoredType {
  const { typeId } = type;
  if (AS_IT_IS.has(typeId)) return { cast: String(type) };
  const other = OTHERWISE.get(typeId);
  if (other !== undefined) return { cast: other };
  if (type instanceof DuckDBListType || type instanceof DuckDBArrayType)
    return inside([type.valueType], ([element]) => `${element!}[]`);
  if (type instanceof DuckDBMapType)
    return inside([type.keyType, type.valueType], ([key, value]) => `MAP(${key!}, ${value!})`);
  if (type instanceof DuckDBStructType) {
    const { entryNames, entryTypes } = type;
    const fields = (casts: readonly string[]): string =>
      entryNames.map((name, i) => `${quoteName(name)} ${casts[i]!}`).join(", ");
    return inside(entryTypes, (casts) => `STRUCT(${fields(casts)})`);
  }
  return { fault: `is of the type ${String(type)}, which a Delta table has no column for` };
}

function inside(types: readonly DuckDBType[], join: (casts: readonly string[]) => string): StoredType {
  const casts: string[] = [];
  for (const stored of types.map(storedType)) {
    if ("fault" in stored) return stored;
    casts.push(stored.cast);
  }
  return { cast: join(casts) };
}
