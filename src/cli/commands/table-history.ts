import process from "node:process";
import { formatCount } from "../../base/units.ts";
import { tableHistory, type TableVersion } from "../../operate/table-history.ts";
import { localStorage } from "../../storage/local-storage.ts";
import { canonicalPath } from "../../base/canonical-path.ts";
import { printDocument, printLines, terminalWidth } from "../print-result.ts";
import { textTable } from "../text-table.ts";
import { utcText } from "../time-text.ts";
import { wholeNumber } from "../whole-number.ts";

/** `landfall table history <table>` */
export async function tableHistoryCommand(options: {
  readonly location: string;
  readonly flags: { readonly json?: true; readonly limit: string };
  readonly signal: AbortSignal;
}): Promise<number> {
  const { location, flags, signal } = options;
  const limit = wholeNumber("--limit", flags.limit);
  const history = await tableHistory({
    storage: localStorage({ root: canonicalPath(location) }),
    limit,
    signal,
  });
  if (flags.json === true) printDocument(history);
  else {
    printLines([
      textTable({
        columns: ["version", "at (UTC)", "operation", "rows", "files", "batch", "engine"],
        rows: history.versions.map(cells),
        width: terminalWidth(),
      }),
    ]);
  }
  if (history.truncated)
    process.stderr.write(`the last ${formatCount(limit)} versions; --limit gives more\n`);
  else if (history.oldest > 0)
    process.stderr.write(`versions before ${history.oldest} have been cleaned up\n`);
  return 0;
}

function cells(version: TableVersion): unknown[] {
  const { at, operation, rowsAdded, filesAdded, filesRemoved, batch, compactedBy, engine } = version;
  const removed = filesRemoved === 0 ? "" : ` −${formatCount(filesRemoved)}`;
  return [
    version.version,
    utcText(at),
    operation ?? null,
    rowsAdded === undefined ? null : `+${formatCount(rowsAdded)}`,
    `+${formatCount(filesAdded)}${removed}`,
    batch === undefined
      ? compactedBy && `compaction of ${compactedBy}`
      : `${batch.number} of ${batch.pipeline}`,
    engine ?? null,
  ];
}
