/** How files were read: their format and what their reader was told, for whoever reads them again by other means. */
import { DEFAULT_FORMAT_OPTIONS, type FileFormat, type FormatOptions } from "./format-options.ts";

export interface ReaderOptions {
  readonly format: FileFormat;
  /** Options that differ from the reader's defaults, of the formats whose records can be counted by other means: JSON and CSV. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** Plain data that JSON keeps. */
export function readerOptions(format: FileFormat, formats: FormatOptions): ReaderOptions {
  if (format !== "json" && format !== "csv") return { format, options: {} };
  const defaults: Readonly<Record<string, unknown>> = DEFAULT_FORMAT_OPTIONS[format];
  const options = Object.fromEntries(
    Object.entries(formats[format]).filter(
      ([name, value]) => value !== undefined && JSON.stringify(value) !== JSON.stringify(defaults[name]),
    ),
  );
  return { format, options };
}
