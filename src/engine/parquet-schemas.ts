/** The schemas that Parquet files bring. */
import { displayKey } from "../base/path-bytes.ts";
import type { StructType } from "../schema/data-type.ts";
import { typeAt, type KeyPath } from "../schema/key-path.ts";
import type { StageFile } from "./engine.ts";
import type { ParquetFooter } from "./parquet-footers.ts";
import { fieldsOf } from "./parquet-type.ts";
import { partKey } from "./route-files.ts";

/** A file, or the member of an archive, on its way into the table. */
export interface IncomingParquet {
  readonly file: StageFile;
  /** Encoded bytes. */
  readonly member?: string | undefined;
  readonly footer: ParquetFooter;
  /** Set where what is read is a copy of the whole file. */
  readonly copy?: { readonly path: string; readonly bytes: number } | undefined;
}

/** The first file by key that has a column, or a field, at a path. */
export function fileWith(incoming: readonly IncomingParquet[], path: KeyPath): string | undefined {
  const shapes = new Map<string, boolean>();
  const found = incoming.find(({ footer }) => {
    const has = shapes.get(footer.shape) ?? typeAt(schemaOf(footer), path) !== undefined;
    shapes.set(footer.shape, has);
    return has;
  });
  return found?.file.key;
}

/** One for each shape, in the order of the files' keys: equal shapes teach nothing new. */
export function schemasOf(incoming: readonly IncomingParquet[]): StructType[] {
  const shapes = new Map(incoming.toReversed().map(({ footer }) => [footer.shape, footer]));
  const order = new Set(incoming.map(({ footer }) => footer.shape));
  return [...order].map((shape) => schemaOf(shapes.get(shape)!));
}

function schemaOf(footer: ParquetFooter): StructType {
  return { type: "struct", fields: fieldsOf(footer.columns) };
}

/** What is wrong with a member is told with its name. */
export function partFault(member: string | undefined, fault: string): string {
  return member === undefined ? fault : `${displayKey(member)}: ${fault}`;
}

/** Files of one shape are read together. */
export function byShape(incoming: readonly IncomingParquet[]): IncomingParquet[][] {
  return [...Map.groupBy(incoming, ({ footer }) => footer.shape).values()];
}

/** What a SELECT over files of one shape must know of them. */
export function sourcesOf(group: readonly IncomingParquet[]): {
  readonly columns: ParquetFooter["columns"];
  readonly paths: readonly { readonly path: string; readonly key: string }[];
} {
  return {
    columns: group[0]!.footer.columns,
    paths: group.map(({ file, member, footer }) => ({ path: footer.path, key: partKey(file.key, member) })),
  };
}
