/** Errors about a table's data files, found again in what DuckDB says. */
import { LandfallError, messageOf } from "../base/landfall-error.ts";
import type { Refusal } from "./column-reading.ts";
import { quoteText } from "./sql.ts";

const MARK = "landfall refuses ";

/** An expression that fails with a refusal once a row of it is asked for: a column that nobody reads harms nobody. */
export function refusalSql(refusal: Refusal & { readonly file: string }): string {
  return `error(${quoteText(`${MARK}${JSON.stringify(refusal)}`)})`;
}

/** What is wrong with one of the files, where the error is about one. */
export function dataFileError(error: unknown, paths: Iterable<string>): LandfallError | undefined {
  const text = messageOf(error);
  const marked = text.indexOf(MARK);
  if (marked >= 0) return refusalError(text.slice(marked + MARK.length), error);
  for (const path of paths) {
    if (!text.includes(path)) continue;
    const isMissing = /No files found|Cannot open file|No such file/.test(text);
    const { message, hint } = isMissing
      ? {
          message: `The data file ${path} of the table is not there, or cannot be opened.`,
          hint: "Restore it from a backup, or read a version of the table that does without it.",
        }
      : {
          message: `The data file ${path} of the table cannot be read: ${text.split("\n", 1)[0]!}`,
          hint: "Restore it from a backup, or read a version of the table that does without it.",
        };
    return new LandfallError(isMissing ? "OBJECT_MISSING" : "TABLE_DATA_CORRUPT", {
      message,
      hint,
      file: path,
      cause: error,
    });
  }
  return undefined;
}

function refusalError(text: string, cause: unknown): LandfallError | undefined {
  const json = /^\{.*\}/.exec(text)?.[0];
  if (json === undefined) return undefined;
  const { code, column, what, file } = JSON.parse(json) as Refusal & { file: string };
  return new LandfallError(code, {
    message: `The data file ${file} of the table holds the column ${column} ${what}.`,
    hint:
      code === "TABLE_DATA_CORRUPT"
        ? "Find out which program wrote it. Queries that leave the column out can be answered."
        : "Leave the column out of the query, or read the table with Spark.",
    file,
    cause,
  });
}
