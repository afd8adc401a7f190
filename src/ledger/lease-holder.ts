/** Who holds a lease: which process of which machine, and whether it is still there. */
import { readFile, readlink } from "node:fs/promises";
import { hostname } from "node:os";
import { systemCodeOf } from "../base/landfall-error.ts";

export interface LeaseHolder {
  readonly pid: number;
  /** When the process began, in ticks since the boot; tells a process from a later one with its number. Empty where unknown. */
  readonly startTime: string;
  readonly host: string;
  /** Empty where unknown (no Linux). */
  readonly bootId: string;
  /** Process numbers mean something only inside their namespace (containers). Empty where unknown. */
  readonly pidNamespace: string;
}

/** This process. */
export async function thisHolder(host: string = hostname()): Promise<LeaseHolder> {
  const read = (path: string): Promise<string> => readFile(path, "utf8").catch(() => "");
  return {
    pid: process.pid,
    startTime: (await startTimeOf(process.pid)) ?? "",
    host,
    bootId: (await read("/proc/sys/kernel/random/boot_id")).trim(),
    pidNamespace: await readlink("/proc/self/ns/pid").catch(() => ""),
  };
}

/** Field 22 of /proc/<pid>/stat; undefined where there is none. The name before it may hold spaces and brackets. */
async function startTimeOf(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  return text?.slice(text.lastIndexOf(")") + 2).split(" ")[19];
}

/** Not for other containers, whose processes have numbers and times of their own. */
export function isSameProcess(a: LeaseHolder, b: LeaseHolder): boolean {
  return (
    a.pid === b.pid &&
    a.startTime === b.startTime &&
    a.host === b.host &&
    a.bootId === b.bootId &&
    a.pidNamespace === b.pidNamespace
  );
}

export type HolderState = "alive" | "dead" | "unknown";

/**
 * Whether the holder still runs, as far as this process can tell: `unknown` for another host or container, and where a process
 * with its number runs but nobody knows since when.
 */
export async function holderState(holder: LeaseHolder, self: LeaseHolder): Promise<HolderState> {
  if (holder.host !== self.host) return "unknown";
  // The ledger lies on a disk of this machine, so another boot of this host is a past one.
  if (holder.bootId !== self.bootId) return "dead";
  if (holder.pidNamespace !== self.pidNamespace) return "unknown";
  if (!processExists(holder.pid)) return "dead";
  const startTime = await startTimeOf(holder.pid);
  if (startTime === undefined || holder.startTime === "") return "unknown";
  return startTime === holder.startTime ? "alive" : "dead";
}

function processExists(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid < 1) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it exists and is another user's.
    return systemCodeOf(error) !== "ESRCH";
  }
}
