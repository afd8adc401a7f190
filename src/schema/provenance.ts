/**
 * Provenance columns: what Landfall knows of where a row came from, in columns of the table (Auto Loader's `_metadata`,
 * databricks.md §1.7, and what it does not offer: the record's number and the batch).
 */
import { nearest } from "../base/nearest.ts";
import type { PrimitiveType } from "./data-type.ts";
import { isColumnName } from "./source-name.ts";

/** What can be asked for, with its type. Times are UTC. */
export const PROVENANCE_FIELDS = {
  /** The absolute path, as messages show it; of the member of an archive with the member's behind it. */
  file_path: "string",
  /** Its last part. */
  file_name: "string",
  /** Bytes as the file, or the archive, lies there. */
  file_size: "long",
  file_modification_time: "timestamp",
  /** From 1 in its file; rejected records count too, blank lines and a CSV header do not. */
  record_number: "long",
  /** When the batch was staged: one instant for all its rows. */
  ingest_time: "timestamp",
  /** The batchId that the commit and the manifest name. */
  batch_id: "string",
} as const satisfies Readonly<Record<string, PrimitiveType>>;

export type ProvenanceField = keyof typeof PROVENANCE_FIELDS;

export interface ProvenanceColumn {
  /** The column's name in the table. */
  readonly column: string;
  readonly field: ProvenanceField;
}

export type ProvenanceReading =
  | { readonly ok: true; readonly value: ProvenanceColumn }
  | { readonly ok: false; readonly message: string; readonly suggestion?: string };

/** Reads `file_path`, `_metadata.file_path` or `file_path AS source_file`. */
export function readProvenance(text: string): ProvenanceReading {
  const match = /^\s*(?:_metadata\s*\.\s*)?(\w+)(?:\s+as\s+(?:`((?:[^`]|``)+)`|(\S+)))?\s*$/i.exec(text);
  if (match === null)
    return { ok: false, message: "must be a field or `field AS column`, such as file_path" };
  const [, name, quoted, plain] = match;
  if (!isField(name!)) {
    const fields = Object.keys(PROVENANCE_FIELDS);
    const suggestion = nearest(name!, fields);
    return {
      ok: false,
      message: `names ${JSON.stringify(name)}, which is none of ${fields.join(", ")}`,
      ...(suggestion === undefined ? {} : { suggestion: text.replace(name!, suggestion) }),
    };
  }
  const column = quoted?.replaceAll("``", "`") ?? plain ?? name;
  if (!isColumnName(column))
    return { ok: false, message: `gives the name ${JSON.stringify(column)}, which Spark refuses` };
  return { ok: true, value: { column, field: name } };
}

function isField(name: string): name is ProvenanceField {
  return Object.hasOwn(PROVENANCE_FIELDS, name);
}
