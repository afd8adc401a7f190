import { formatCount } from "../../base/units.ts";
import { openTable } from "../../write/open-table.ts";
import { noticePrinter } from "../print-notice.ts";
import { printDocument, printLines } from "../print-result.ts";
import { meantVersion, type VersionFlags } from "../version-flags.ts";

export interface TableRestoreFlags extends VersionFlags {
  readonly ignoreMissing?: true;
  readonly json?: true;
}

/** `landfall table restore <table> --version <n>` */
export async function tableRestoreCommand(options: {
  readonly location: string;
  readonly flags: TableRestoreFlags;
  readonly signal: AbortSignal;
}): Promise<number> {
  const { location, flags, signal } = options;
  await using table = openTable(location, { signal, onNotice: noticePrinter() });
  const restored = await table.restore({
    ...meantVersion(flags),
    ignoreMissing: flags.ignoreMissing === true,
  });
  if (flags.json === true) printDocument({ table: table.location, ...restored });
  else if (restored === undefined) printLines(["Nothing to do: the table is like that already."]);
  else {
    const { numRestoredFiles = 0, numRemovedFiles = 0 } = restored.metrics;
    printLines([
      `restored as version ${restored.version}: ${formatCount(numRestoredFiles)} files came back, ${formatCount(numRemovedFiles)} went`,
    ]);
  }
  return 0;
}
