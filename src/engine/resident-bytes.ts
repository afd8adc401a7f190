/** What a process holds of the machine's memory. */
import { readFileSync } from "node:fs";

/** Resident memory of a process; 0 where /proc does not tell. */
export function residentBytes(pid: number | undefined): number {
  try {
    const pages = Number(readFileSync(`/proc/${String(pid)}/statm`, "utf8").split(" ")[1]);
    return pages * 4096;
  } catch {
    // Not Linux, or the process has just ended: nothing to watch.
    return 0;
  }
}
