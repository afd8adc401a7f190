/** Whether a version's `.crc` file says what the log says (PROTOCOL.md, "Version Checksum File"). */
import { checksumFaults } from "../../delta/checksum-faults.ts";
import type { FileTotals } from "../../delta/file-totals.ts";
import { checksumKey } from "../../delta/log-files.ts";
import { getIfPresent } from "../../delta/log-storage.ts";
import type { TableState } from "../../delta/table-state.ts";
import type { Storage } from "../../storage/storage.ts";
import type { CheckFinding } from "./finding.ts";

/** False where the version has none. */
export async function judgeChecksum(options: {
  readonly storage: Storage;
  readonly state: TableState;
  readonly totals: FileTotals;
  readonly onFinding: (finding: CheckFinding) => void;
}): Promise<boolean> {
  const { storage, state, totals, onFinding } = options;
  const { version } = state;
  const file = checksumKey(version);
  const content = await getIfPresent(storage, file);
  if (content === undefined) return false;
  for (const message of checksumFaults(content.toString("utf8"), { state, totals }))
    onFinding({ code: "CHECKSUM_WRONG", file, version, message });
  return true;
}
