import { formatDdlColumn } from "../../schema/format-ddl.ts";
import { tableSchema } from "../../operate/table-schema.ts";
import { withTableView } from "../open-table-view.ts";
import { printable } from "../printable.ts";
import { printDocument, printLines } from "../print-result.ts";

/** `landfall table schema <table>`: Spark DDL, one column a line, as `schema.columns` and CREATE TABLE take it. */
export async function tableSchemaCommand(options: {
  readonly location: string;
  readonly flags: { readonly json?: true };
  readonly signal: AbortSignal;
}): Promise<number> {
  const { location, flags, signal } = options;
  const schema = await withTableView({ location }, (view) => tableSchema(view, { signal }));
  if (flags.json === true) printDocument(schema);
  else {
    const last = schema.fields.length - 1;
    printLines(schema.fields.map((field, i) => `${printable(formatDdlColumn(field))}${i < last ? "," : ""}`));
  }
  return 0;
}
