/** Errors about a table's data files, found again in what DuckDB says. */
import { LandfallError, messageOf } from "../base/landfall-error.ts";
import type { Refusal } from "./column-reading.ts";
import { globOf, quoteText } from "./sql.ts";

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
  // What follows the first line repeats the statement, with the names of all files.
  const first = text.split("\n", 1)[0]!;
  let path: string | undefined;
  for (const candidate of paths) {
    const isNamed = first.includes(candidate) || first.includes(globOf(candidate));
    if (isNamed && candidate.length > (path?.length ?? 0)) path = candidate;
  }
  if (path === undefined) return undefined;
  const isMissing = /No files found|Cannot open file|No such file/.test(first);
  return new LandfallError(isMissing ? "OBJECT_MISSING" : "TABLE_DATA_CORRUPT", {
    message: isMissing
      ? `The data file ${path} of the table is not there, or cannot be opened.`
      : `The data file ${path} of the table cannot be read: ${first}`,
    hint: "Restore it from a backup, or read a version of the table that does without it.",
    file: path,
    cause: error,
  });
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
