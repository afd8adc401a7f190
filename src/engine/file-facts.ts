/**
 * What is true of all rows of a file, brought to them by a join: rows tell their file, and a spill file tells what is known of it.
 * The names of the members are random, so that no key of the data can be one.
 */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { duckdbType, pathsArgument, quoteName } from "./sql.ts";
import type { StageFile, StageRequest } from "./engine.ts";
import { factOf, needsMarks, type OwnColumn } from "./own-columns.ts";
import { inZone } from "./project.ts";
import { SpillWriter } from "./scan/spill-writer.ts";

export interface FileFacts {
  /** SQL of each such column's value, by the column's name in lower case. */
  readonly values: ReadonlyMap<string, string>;
  /** A relation to join, with the condition. */
  readonly join: string;
}

export interface FactsOf {
  /** How rows tell it. */
  readonly name: string;
  readonly file: StageFile;
  /** The member of an archive, encoded bytes. */
  readonly member?: string | undefined;
}

/** Names of the members that tell a row's file, its number and where it begins. */
export interface MarkNames {
  readonly file: string;
  readonly record: string;
  readonly offset?: string;
}

/** `withOffsets`: where each record begins is told too. */
export function markNames(options: { readonly withOffsets: boolean }): MarkNames {
  const id = randomUUID().replaceAll("-", "");
  const names = { file: `landfall_${id}_file`, record: `landfall_${id}_record` };
  return options.withOffsets ? { ...names, offset: `landfall_${id}_offset` } : names;
}

/**
 * Writes what is known of the files below the scratch folder. `file` is the SQL of a file's `name` in a row, `record` that of the row's number from 1. Undefined where no column needs it.
 */
export function fileFacts(options: {
  readonly request: Pick<StageRequest, "batch" | "readerCaseSensitive" | "timeZone" | "scratchFolder">;
  readonly columns: readonly OwnColumn[];
  readonly files: readonly FactsOf[];
  readonly file: string;
  readonly record: string;
}): FileFacts | undefined {
  const { request, columns } = options;
  if (!needsMarks(columns)) return undefined;
  const id = randomUUID().replaceAll("-", "");
  const [key, facts] = [`landfall_${id}_key`, `landfall_${id}_facts`];
  const byFile = columns.filter(({ filledWith: { kind } }) => kind === "path" || kind === "file");
  const writer = new SpillWriter(join(request.scratchFolder, `facts-${id}.ndjson`));
  try {
    for (const part of options.files) {
      const texts = byFile.map((column, i) => [`f${i}`, factOf(column, part, request)]);
      writer.write(
        Buffer.from(
          `${JSON.stringify({ [key]: part.name, [facts]: Object.fromEntries(texts) as unknown })}\n`,
        ),
      );
    }
  } finally {
    writer.close();
  }
  const values = new Map<string, string>();
  for (const { field, filledWith } of columns) {
    if (filledWith.kind === "record") values.set(field.name.toLowerCase(), options.record);
  }
  for (const [i, { field }] of byFile.entries()) {
    const text = `struct_extract(${quoteName(facts)}, 'f${i}')`;
    const value =
      field.type === "timestamp" && request.timeZone !== "UTC"
        ? inZone(text, request.timeZone)
        : `CAST(${text} AS ${duckdbType(field.type)})`;
    values.set(field.name.toLowerCase(), value);
  }
  const members = ["none VARCHAR", ...byFile.map((_, i) => `f${i} VARCHAR`)].join(", ");
  return {
    values,
    join: `JOIN read_json(${pathsArgument([writer.path])}, format = 'newline_delimited', records = true, compression = 'uncompressed',
      columns = {${key}: 'VARCHAR', ${facts}: 'STRUCT(${members})'}) landfall_files ON ${options.file} = ${quoteName(key)}`,
  };
}
