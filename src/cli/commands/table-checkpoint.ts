import { formatBytes, formatCount } from "../../base/units.ts";
import { openTable } from "../../write/open-table.ts";
import { noticePrinter } from "../print-notice.ts";
import { printDocument, printLines } from "../print-result.ts";

/** `landfall table checkpoint <table>` */
export async function tableCheckpointCommand(options: {
  readonly location: string;
  readonly flags: { readonly json?: true };
  readonly signal: AbortSignal;
}): Promise<number> {
  const { location, flags, signal } = options;
  await using table = openTable(location, { signal, onNotice: noticePrinter() });
  const written = await table.checkpoint();
  const { version, size, sizeInBytes, numOfAddFiles } = written;
  if (flags.json === true) printDocument({ table: table.location, ...written });
  else
    printLines([
      `checkpoint of version ${version}: ${formatCount(numOfAddFiles)} files, ${formatCount(size)} actions, ${formatBytes(sizeInBytes)}`,
    ]);
  return 0;
}
