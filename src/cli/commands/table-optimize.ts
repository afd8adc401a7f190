import { formatBytes, formatCount } from "../../base/units.ts";
import { openTable } from "../../write/open-table.ts";
import type { Optimized } from "../../write/optimize/optimize-table.ts";
import { noticePrinter } from "../print-notice.ts";
import { DRY_RUN_DONE, printDocument, printLines } from "../print-result.ts";
import { plural } from "../plural.ts";

export interface TableOptimizeFlags {
  readonly where?: string;
  /** Comma-separated. */
  readonly zOrder?: string;
  readonly targetSize?: string;
  readonly dryRun?: true;
  readonly json?: true;
}

/** `landfall table optimize <table>` */
export async function tableOptimizeCommand(options: {
  readonly location: string;
  readonly flags: TableOptimizeFlags;
  readonly signal: AbortSignal;
}): Promise<number> {
  const { location, flags, signal } = options;
  await using table = openTable(location, { signal, onNotice: noticePrinter() });
  const dryRun = flags.dryRun === true;
  const result = await table.optimize({
    where: flags.where,
    zOrderBy: flags.zOrder?.split(",").map((column) => column.trim()),
    targetFileSize: flags.targetSize,
    dryRun,
  });
  if (flags.json === true) printDocument({ table: table.location, dryRun, ...result });
  else printLines(optimizeLines(result, dryRun));
  return 0;
}

function optimizeLines(result: Optimized, dryRun: boolean): string[] {
  const { commits, filesRemoved, filesAdded, bytesRemoved, bytesAdded } = result;
  if (commits === 0)
    return ["Nothing would gain by it: no small files beside each other, and few deleted rows."];
  const before = `${plural(filesRemoved, "file")} (${formatBytes(bytesRemoved)})`;
  if (dryRun) return [`${before} would be written anew, in ${plural(commits, "commit")}`, DRY_RUN_DONE];
  return [
    `${before} became ${formatCount(filesAdded)} (${formatBytes(bytesAdded)}), in ${plural(commits, "commit")}; earlier versions keep theirs until a vacuum`,
  ];
}
