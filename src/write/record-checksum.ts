/** The `.crc` file that follows a commit. It must not fail the commit: a version without one is as good. */
import { faultPoint } from "../base/fault-point.ts";
import { messageOf } from "../base/landfall-error.ts";
import type { FileTotals } from "../delta/file-totals.ts";
import { checksumKey } from "../delta/log-files.ts";
import type { TableState } from "../delta/table-state.ts";
import { writeChecksum } from "../delta/version-checksum.ts";
import type { TableParts } from "../table/table-access.ts";

/** @param options.totals where they are not known, none is written: to count would be to read the whole log */
export async function recordChecksum(
  { storage, onNotice }: Pick<TableParts, "storage" | "onNotice">,
  options: {
    /** Brought forward by the commit. */
    readonly state: TableState;
    readonly totals: () => FileTotals | undefined | Promise<FileTotals | undefined>;
  },
): Promise<void> {
  const { state } = options;
  try {
    const totals = await options.totals();
    if (totals === undefined) return;
    faultPoint("write.checksum.before");
    await writeChecksum({ storage, state, totals });
    faultPoint("write.checksum.after");
  } catch (error) {
    onNotice?.({
      table: storage.location,
      file: checksumKey(state.version),
      message: `Version ${state.version} of ${storage.location} is committed; its .crc file was not written, and readers do without: ${messageOf(error)}`,
    });
  }
}
