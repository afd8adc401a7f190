/** Which columns of a table get a wider type for Parquet files: those with a value that does not fit, by the types that the files have. */
import type { DataType, PrimitiveType, StructType } from "../schema/data-type.ts";
import { ELEMENT, KEY, keyPathText, VALUE, type KeyPath } from "../schema/key-path.ts";
import { sourceNameOf } from "../schema/source-name.ts";
import type { ColumnWidening } from "../schema/widen-columns.ts";
import { isFixed } from "../schema/widen-for-numbers.ts";
import { typeForType } from "../schema/wider-type.ts";
import type { StageRequest } from "./engine.ts";
import type { OwnColumn } from "./own-columns.ts";
import type { ParquetFilling } from "./parquet-filling.ts";
import { placeOf } from "./parquet-fit.ts";
import { isFilesFault } from "./parquet-footers.ts";
import { countMisfits } from "./parquet-misfits.ts";
import { byShape, type IncomingParquet } from "./parquet-schemas.ts";
import type { ParquetType } from "./parquet-type.ts";
import type { StageContext } from "./stage-text.ts";
import { fixedColumns, widenableTable } from "./widened-columns.ts";

/**
 * Files of one shape after another, in the order of their keys: a column may get wider more than once. Nothing for a batch with a file that
 * cannot be read, which is found, and left out, when the rows are written.
 *
 * @param options.schema of the table with the batch's new columns
 */
export async function widenForTypes(
  request: StageRequest & ParquetFilling,
  context: StageContext,
  { incoming, schema }: { readonly incoming: readonly IncomingParquet[]; readonly schema: StructType },
): Promise<ColumnWidening[]> {
  const table = widenableTable(request);
  if (table === undefined) return [];
  const widenings = new Map<string, ColumnWidening>();
  try {
    for (const group of byShape(incoming)) {
      const candidates = candidatesIn(group, { request, own: request.own, table });
      if (candidates.length === 0) continue;
      const { keys } = await countMisfits({ ...request, tellsPlaces: true }, context, group, schema);
      for (const { misfit, file, ...place } of candidates) {
        if (!keys.has(keyPathText(misfit))) continue;
        const name = JSON.stringify(place.path);
        const { from } = place;
        const to = typeForType(widenings.get(name)?.to ?? from, file);
        if (to !== undefined) widenings.set(name, { ...place, to });
      }
    }
  } catch (error) {
    if (!isFilesFault(error)) throw error;
    return [];
  }
  return [...widenings.values()];
}

/** A column of the table that values of a file's type could make wider. */
interface Candidate extends Omit<ColumnWidening, "to"> {
  readonly file: PrimitiveType;
  /** Where a value that does not fit is told: at the map that holds it, since a map is rescued as a whole. */
  readonly misfit: KeyPath;
}

interface Place {
  readonly path: KeyPath;
  readonly key: KeyPath;
  readonly map: KeyPath | undefined;
}

function candidatesIn(
  [first]: readonly IncomingParquet[],
  options: {
    readonly request: StageRequest;
    readonly own: readonly OwnColumn[];
    readonly table: StructType;
  },
): Candidate[] {
  const { request, own, table } = options;
  const fixed = fixedColumns(request, own);
  const hasTimesWithoutZone = request.format === "parquet";
  const walk = (type: DataType, file: ParquetType, place: Place): Candidate[] => {
    if (typeof type === "string") {
      if (file.kind !== "leaf" || file.reading === "text" || isFixed(place.path, fixed)) return [];
      if (type === "date" && !hasTimesWithoutZone) return [];
      const { path, key, map } = place;
      const isWider = typeForType(type, file.type) !== undefined;
      return isWider ? [{ path, key, from: type, file: file.type, misfit: map ?? key }] : [];
    }
    const inner = (part: DataType, of: ParquetType, step: KeyPath[number], map = place.map): Candidate[] =>
      walk(part, of, { path: [...place.path, step], key: [...place.key, step], map });
    if (type.type === "array")
      return file.kind === "array" ? inner(type.elementType, file.element, ELEMENT) : [];
    if (type.type === "map") {
      if (file.kind !== "map") return [];
      const whole = place.map ?? place.key;
      return [
        ...inner(type.keyType, file.key, KEY, whole),
        ...inner(type.valueType, file.value, VALUE, whole),
      ];
    }
    if (file.kind !== "struct") return [];
    const names = file.fields.map(({ name }) => name);
    return type.fields.flatMap((field) => {
      const found = file.fields[placeOf(names, sourceNameOf(field), !request.readerCaseSensitive)];
      if (found === undefined) return [];
      const { path, key, map } = place;
      return walk(field.type, found.type, { path: [...path, field.name], key: [...key, found.name], map });
    });
  };
  const whole: ParquetType = { kind: "struct", fields: first!.footer.columns };
  return walk(table, whole, { path: [], key: [], map: undefined });
}
