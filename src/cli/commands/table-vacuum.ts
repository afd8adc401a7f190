import { systemClock } from "../../base/clock.ts";
import { displayKey } from "../../base/path-bytes.ts";
import { printable } from "../../base/printable.ts";
import { formatBytes, formatCount } from "../../base/units.ts";
import { openTable } from "../../write/open-table.ts";
import type { Vacuumed } from "../../write/vacuum/vacuum.ts";
import { noticePrinter } from "../print-notice.ts";
import { DRY_RUN_DONE, printDocument, printLines } from "../print-result.ts";
import { utcText } from "../time-text.ts";
import { plural } from "../plural.ts";

export interface TableVacuumFlags {
  readonly retention?: string;
  readonly force?: true;
  readonly lite?: true;
  readonly dryRun?: true;
  readonly json?: true;
}

/** `landfall table vacuum <table>` */
export async function tableVacuumCommand(options: {
  readonly location: string;
  readonly flags: TableVacuumFlags;
  readonly signal: AbortSignal;
}): Promise<number> {
  const { location, flags, signal } = options;
  await using table = openTable(location, { signal, onNotice: noticePrinter() });
  const result = await table.vacuum({
    retention: flags.retention,
    retentionCheck: flags.force !== true,
    mode: flags.lite === true ? "lite" : "full",
    dryRun: flags.dryRun === true,
  });
  if (flags.json === true) printDocument({ table: table.location, ...result });
  else printLines(vacuumLines(result));
  return 0;
}

/** Files of a dry run that are named one by one. */
const NAMED = 20;

function vacuumLines(result: Vacuumed): string[] {
  const { version, dryRun, retention, files, bytes, folders } = result;
  const since = utcText(systemClock.now() - retention);
  if (files.length === 0) return [`Nothing to take away: every file is needed, or was since ${since} UTC.`];
  const what = `${plural(files.length, "file")} (${formatBytes(bytes)})`;
  if (dryRun) {
    const more =
      files.length > NAMED ? [`  … and ${formatCount(files.length - NAMED)} more; --json lists them`] : [];
    return [
      `${what} not needed since ${since} UTC`,
      ...files.slice(0, NAMED).map((key) => `  ${printable(displayKey(key))}`),
      ...more,
      DRY_RUN_DONE,
    ];
  }
  const empty = folders === 0 ? "" : ` and ${plural(folders, "empty folder")}`;
  return [`took away ${what}${empty}, not needed since ${since} UTC; version ${version}`];
}
