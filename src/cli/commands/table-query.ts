import process from "node:process";
import { formatBytes, formatCount } from "../../base/units.ts";
import { queryTable } from "../../operate/query-table.ts";
import { localStorage } from "../../storage/local-storage.ts";
import { canonicalPath } from "../../base/canonical-path.ts";
import { noticePrinter } from "../print-notice.ts";
import { withScratchEngine } from "../scratch-engine.ts";
import { textTable } from "../text-table.ts";
import { askedVersion, type VersionFlags } from "../version-flags.ts";

export interface TableQueryFlags extends VersionFlags {
  readonly limit: string;
  readonly allowOutside?: true;
  readonly json?: true;
}

/** `landfall table query <table> <sql>` */
export async function tableQueryCommand(options: {
  readonly location: string;
  readonly sql: string;
  readonly flags: TableQueryFlags;
  readonly signal: AbortSignal;
}): Promise<number> {
  return withScratchEngine(async ({ engine, scratchFolder }) => {
    const storage = localStorage({ root: canonicalPath(options.location) });
    const result = await queryTable({
      storage,
      engine,
      scratchFolder,
      sql: options.sql,
      limit: Number(options.flags.limit),
      onNotice: noticePrinter(),
      allowOutside: options.flags.allowOutside,
      ...(await askedVersion(options.flags, {
        storage,
        parquet: { port: engine, scratchFolder },
        signal: options.signal,
      })),
      signal: options.signal,
    });
    if (options.flags.json === true)
      process.stdout.write(`${JSON.stringify({ schemaVersion: 1, ...result })}\n`);
    else
      process.stdout.write(
        `${textTable({ columns: result.columns.map((column) => column.name), rows: result.rows })}\n`,
      );
    const { files, bytes } = result.skipped;
    if (files > 0)
      process.stderr.write(
        `skipped ${formatCount(files)} ${files === 1 ? "file" : "files"} (${formatBytes(bytes)}) that have no such rows\n`,
      );
    if (result.truncated)
      process.stderr.write(`cut off after ${result.rows.length} rows; --limit gives more\n`);
    return 0;
  });
}
