/** What fills the columns of Parquet rows that do not come from the data. */
import type { StageRequest } from "./engine.ts";
import { fileFacts, markNames } from "./file-facts.ts";
import type { OwnColumn } from "./own-columns.ts";
import type { ParquetSelection } from "./parquet-select.ts";
import type { IncomingParquet } from "./parquet-schemas.ts";
import { quoteName } from "./sql.ts";

/** What the selects need beside the request. */
export type ParquetFilling = Pick<ParquetSelection, "own" | "facts" | "fileColumn">;

export function fillingOf(
  request: StageRequest,
  own: readonly OwnColumn[],
  incoming: readonly IncomingParquet[],
): ParquetFilling {
  const fileColumn = markNames({ withOffsets: false }).file;
  const facts = fileFacts({
    request,
    columns: own,
    files: incoming.map(({ file, member, footer }) => ({ name: footer.path, file, member })),
    file: `landfall_rows.${quoteName(fileColumn)}`,
    record: "landfall_rows.file_row_number + 1",
  });
  return { own, facts, fileColumn };
}

export const NUMBERS_HIDDEN =
  "Parquet: its column file_row_number hides the numbers of its rows, which schema.provenance asks for";

/** Keys of files that have a column of the name under which the engine tells a row's number. */
export function hidesNumbers(own: readonly OwnColumn[], incoming: readonly IncomingParquet[]): Set<string> {
  if (!own.some(({ filledWith }) => filledWith.kind === "record")) return new Set();
  const hiding = incoming.filter(({ footer }) =>
    footer.columns.some(({ readAs }) => readAs.toLowerCase() === "file_row_number"),
  );
  return new Set(hiding.map(({ file }) => file.key));
}
