/** The options of a format without which its files would be read wrong, as a first look at them tells. */
import type { FileFormat } from "../../formats/format-options.ts";
import { findRowTag } from "../../engine/find-row-tag.ts";
import { headText, SEPARATORS, separatorsIn } from "./format-of-head.ts";

/** One option with the reason why it is stated. */
export interface StatedOption {
  /** Below the format's section: `sep`. */
  readonly key: string;
  readonly value: string | boolean;
  readonly why: string;
}

/** Pure. `head` is the beginning of one file; `ending` that of its name, `.tsv`. */
export function readingOptions(options: {
  readonly format: FileFormat;
  readonly head: Buffer;
  readonly ending: string | undefined;
}): StatedOption[] {
  const { format, head, ending } = options;
  const known = headText(head);
  const text = (known ?? head.toString("latin1")).replace(/^\uFEFF/, "");
  if (format === "csv") return [...csvOptions(text, ending), ...encodingOptions(known)];
  if (format === "text") return encodingOptions(known);
  if (format !== "xml") return [];
  const rowTag = findRowTag(text);
  return rowTag === undefined
    ? []
    : [{ key: "rowTag", value: rowTag, why: "the element that is a row: the first one that repeats" }];
}

/** Text that is no UTF-8 is in some other encoding: the most frequent one is a guess, and said to be one. */
function encodingOptions(known: string | undefined): StatedOption[] {
  if (known !== undefined) return [];
  const why = "a guess, since the files are no UTF-8: look at names with accents";
  return [{ key: "encoding", value: "windows-1252", why }];
}

function csvOptions(text: string, ending: string | undefined): StatedOption[] {
  const [line = ""] = text.split(/\r\n|\n|\r/);
  const byName = /^\.(tsv|tab)(\.|$)/i.test(ending ?? "") ? "\t" : ",";
  const counts = SEPARATORS.map((separator) => ({ separator, count: separatorsIn(line, separator) }));
  const most = counts.reduce((best, one) => (one.count > best.count ? one : best));
  const separator = separatorsIn(line, byName) > 0 || most.count === 0 ? byName : most.separator;
  return [
    ...(separator === byName
      ? []
      : [
          {
            key: "sep",
            value: separator === "\t" ? "\\t" : separator,
            why: "what parts the fields in the first line",
          },
        ]),
    ...(namesColumns(line, separator)
      ? []
      : [
          {
            key: "header",
            value: false,
            why: "the first line holds a number or a date, so it names no columns",
          },
        ]),
  ];
}

/** A name of a column is neither a number nor a date. */
function namesColumns(line: string, separator: string): boolean {
  const fields = line.split(separator).map((field) => field.trim().replace(/^"(.*)"$/, "$1"));
  return !fields.some(
    (field) => /^[-+]?\d+([.,]\d+)?([eE][-+]?\d+)?$/.test(field) || /^\d{4}-\d\d-\d\d/.test(field),
  );
}
