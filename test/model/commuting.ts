/**
 * Which steps of a process commute with everything that anybody else may still do: they need no place of their own in a schedule.
 */
import { LAST_CHECKPOINT, LOG_FOLDER } from "../../src/delta/log-files.ts";
import { batchesFolder } from "../../src/ingest/state-keys.ts";
import { isRead, storageKeyOf, type Call } from "./call.ts";
import { isBatch } from "./landed.ts";
import type { Mutation, Scenario } from "./scenario.ts";
import type { State } from "./state.ts";
import type { World } from "./world.ts";

export interface Surroundings {
  readonly world: World;
  readonly scenario: Scenario;
  readonly mutation: Mutation | undefined;
}

const BATCHES = batchesFolder("model");

/** The ledger of each process. */
export const hostsOf = (scenario: Scenario): readonly number[] => scenario.hosts ?? [0];

/** True for a read of what nobody but this process may still change, and for what changes nothing: it can happen at once. */
export function isUndisturbed(state: State, index: number, call: Call, around: Surroundings): boolean {
  if (!isRead(call)) return isIdleMark(state, call, around);
  switch (call.port) {
    case "clock":
      return true;
    case "source":
      return state.budget.source === 0;
    case "ledger":
      return !hasRivals(state, index, { ...around, ledgerOnly: true });
    case "storage":
      return isUndisturbedObject(state, index, call, around);
    default:
      return call.port satisfies never;
  }
}

function isUndisturbedObject(state: State, index: number, call: Call, around: Surroundings): boolean {
  const key = storageKeyOf(call);
  const { budget, late } = state;
  if (key === LAST_CHECKPOINT) return true;
  if (call.method === "get" && isForGood(state, key, around)) return true;
  if (key.endsWith("/baseline.json") && around.scenario.baseline !== true) return true;
  if (hasRivals(state, index, { ...around, ledgerOnly: false })) return false;
  if (!key.startsWith(LOG_FOLDER)) return true;
  return budget.foreign + budget.trim + budget.foreignTrim + budget.clobber + late.length === 0;
}

/** True for the put of a done mark that stands: it changes nothing, now or later. */
function isIdleMark(state: State, call: Call, around: Surroundings): boolean {
  if (call.port !== "storage" || call.method !== "put" || around.scenario.lostPuts === "all") return false;
  const key = storageKeyOf(call);
  const { ifAbsent } = (call.args[2] ?? {}) as { readonly ifAbsent?: boolean };
  return ifAbsent === true && key.endsWith(".done.json") && isForGood(state, key, around);
}

/**
 * True for an object that is there and that nobody replaces or removes. Of done marks and the manifests of committed batches that is
 * so where nothing is folded, and the invariants check it in every state.
 */
function isForGood({ shared, budget }: State, key: string, around: Surroundings): boolean {
  const { world, mutation, scenario } = around;
  const store = world.stores.at(shared.store);
  if (mutation?.storage !== undefined || !store.objects.has(key)) return false;
  if (scenario.fold !== undefined && key.startsWith(BATCHES)) return key.endsWith(".folded.json");
  if (key.endsWith(".done.json")) return true;
  if (budget.clobber === 0 && key.startsWith(BATCHES)) {
    for (const landed of store.landed.values())
      if (isBatch(landed) && key.includes(landed.batchId)) return true;
  }
  return key.startsWith(LOG_FOLDER) && budget.trim + budget.foreignTrim + budget.clobber === 0;
}

/** True when another process may still take a step; or one on the same ledger. */
function hasRivals(
  { processes, budget, backup }: State,
  index: number,
  { scenario, ledgerOnly }: { readonly scenario: Scenario; readonly ledgerOnly: boolean },
): boolean {
  const hosts = hostsOf(scenario);
  const revivable = budget.loss > 0 || budget.backup > 0 || backup >= 0;
  return processes.some(({ local, runs }, other) => {
    if (other === index || (ledgerOnly && hosts[other] !== hosts[index])) return false;
    return local !== undefined || runs > 0 || revivable;
  });
}

/**
 * A write that no other process can tell: to a ledger of its own, or of a data file. Besides the crash before it, it commutes with
 * everything that others may do. A ledger may be lost in between: then so is what was written to it.
 */
export function isPrivate({ processes, budget }: State, index: number, scenario: Scenario): boolean {
  const hosts = hostsOf(scenario);
  const event = processes[index]!.local?.event;
  if (event?.kind !== "call" || isRead(event.call) || budget.clobber > 0) return false;
  if (event.call.port === "ledger")
    return budget.backup === 0 && hosts.every((host, other) => other === index || host !== hosts[index]);
  // The file of a compaction may be looked for by others, who think that it can land no more.
  return scenario.compaction !== true && budget.lost === 0 && event.call.method === "putFile";
}
