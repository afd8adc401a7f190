import { displayKey } from "../../base/path-bytes.ts";
import { formatDdlColumn } from "../../schema/format-ddl.ts";
import { tableSchema } from "../../operate/table-schema.ts";
import { withTableView } from "../../open/open-table-view.ts";
import { printable } from "../../base/printable.ts";
import { noticePrinter } from "../print-notice.ts";
import { printDocument, printLines } from "../print-result.ts";
import { askedVersion, type VersionFlags } from "../version-flags.ts";

/** Without a file a column was declared; a wider type came of a transform then. */
function fileText(file: string | undefined, widened: object | undefined): string {
  if (file !== undefined) return displayKey(file);
  return widened === undefined ? "as declared" : "as the transform gives it";
}

const OF_BATCH = "-- batch.…: of the rows that a transform reads, not of the table";

/** `landfall table schema <table>`: Spark DDL, one column a line, as `schema.columns` and CREATE TABLE take it; the history as comments. */
export async function tableSchemaCommand(options: {
  readonly location: string;
  readonly flags: VersionFlags & { readonly json?: true; readonly history?: true };
  readonly signal: AbortSignal;
}): Promise<number> {
  const { location, flags, signal } = options;
  const schema = await withTableView({ location }, async (view) =>
    tableSchema(view, {
      ...(await askedVersion(flags, { ...view, signal })),
      signal,
      onNotice: noticePrinter(),
      history: flags.history === true,
    }),
  );
  if (flags.json === true) printDocument(schema);
  else {
    const last = schema.fields.length - 1;
    const history = (schema.history ?? []).map(
      ({ path, ofBatch, widened, file, version, at }) =>
        `-- ${ofBatch === true ? "batch." : ""}${path}${widened === undefined ? "" : `, ${widened.from} to ${widened.to}`}: version ${version}, ${at}, ${fileText(file, widened)}`,
    );
    printLines([
      ...schema.fields.map((field, i) => `${printable(formatDdlColumn(field))}${i < last ? "," : ""}`),
      ...(schema.history?.some(({ ofBatch }) => ofBatch) === true ? [OF_BATCH] : []),
      ...history.map(printable),
    ]);
  }
  return 0;
}
