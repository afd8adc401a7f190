import process from "node:process";
import { canonicalPath } from "../../base/canonical-path.ts";
import { formatCount } from "../../base/units.ts";
import { tableChanges } from "../../operate/table-changes.ts";
import { localStorage } from "../../storage/local-storage.ts";
import { noticePrinter } from "../print-notice.ts";
import { printDocument, printLines } from "../print-result.ts";
import { withScratchEngine } from "../scratch-engine.ts";
import { textTable } from "../text-table.ts";
import { versionOrTime } from "../version-flags.ts";
import { wholeNumber } from "../whole-number.ts";

export interface TableChangesFlags {
  readonly from: string;
  readonly to?: string;
  readonly where?: string;
  readonly withoutFeed?: true;
  readonly limit: string;
  readonly allowOutside?: true;
  readonly json?: true;
}

/** `landfall table changes <table> --from <version|time>` */
export async function tableChangesCommand(options: {
  readonly location: string;
  readonly flags: TableChangesFlags;
  readonly signal: AbortSignal;
}): Promise<number> {
  const { location, flags, signal } = options;
  const from = versionOrTime("--from", flags.from);
  const to = flags.to === undefined ? undefined : versionOrTime("--to", flags.to);
  const limit = wholeNumber("--limit", flags.limit);
  return withScratchEngine(async ({ engine, scratchFolder }) => {
    const changes = await tableChanges(
      {
        storage: localStorage({ root: canonicalPath(location) }),
        engine,
        parquet: { port: engine, scratchFolder },
        allowOutside: flags.allowOutside === true,
        onNotice: noticePrinter(),
      },
      { from, to, withoutFeed: flags.withoutFeed === true, where: flags.where, limit, signal },
    );
    if (flags.json === true) printDocument(changes);
    else {
      const columns = changes.columns.map(({ name }) => name);
      printLines([textTable({ columns, rows: changes.rows })]);
    }
    if (changes.to < changes.from) process.stderr.write(`there is no version ${changes.from} yet\n`);
    else if (changes.truncated)
      process.stderr.write(`cut off after ${formatCount(changes.rows.length)} rows; --limit gives more\n`);
    return 0;
  });
}
