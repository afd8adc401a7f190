import type { FileFormat, FormatOptions } from "./format-options.ts";

/** The column for records that cannot be read, of a format that may have one. */
export function corruptColumnOf(format: FileFormat, formats: FormatOptions): string | undefined {
  return format === "json" || format === "csv" ? formats[format].columnNameOfCorruptRecord : undefined;
}
