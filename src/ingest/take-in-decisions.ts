/** Brings a ledger in line with the decisions beside the table, whoever wrote them: at every start, and when it is rebuilt. */
import type { Clock } from "../base/clock.ts";
import { faultPoint } from "../base/fault-point.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Storage } from "../storage/storage.ts";
import { readDecision, type Decision } from "./decision.ts";
import { decisionKey, decisionsFolder, parseDecisionName } from "./state-keys.ts";

interface DecisionContext {
  readonly name: string;
  readonly table: { readonly storage: Storage };
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/** Ids of the decisions that stand beside the table, ascending: one listing, and nothing is read. */
export async function listDecisions(storage: Storage, pipeline: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const { key } of storage.list({ prefix: decisionsFolder(pipeline) })) {
    const id = parseDecisionName(key);
    if (id !== undefined) ids.push(id);
  }
  return ids;
}

/**
 * To be called after take-in: reads the decisions that the ledger does not know, and applies them. A decision about a batch that the
 * ledger has not taken in (another host committed it meanwhile) is left for the next start: applied too early it would be lost.
 *
 * @throws LandfallError STATE_NEWER, STATE_CORRUPT
 */
export async function takeInDecisions(
  context: DecisionContext,
  options: { /** Only these; default: all that stand. */ readonly only?: ReadonlySet<string> } = {},
): Promise<void> {
  const { name, ledger, table, signal } = context;
  const known = new Set(await ledger.decisions());
  for (const id of await listDecisions(table.storage, name)) {
    if (known.has(id) || options.only?.has(id) === false) continue;
    signal?.throwIfAborted();
    const decision = await readDecision(table.storage, name, id);
    if (!(await hasTakenIn(ledger, decision))) continue;
    // Who wrote it may have died before it was durable, and the ledger must never know more than what stands beside the table.
    await table.storage.makeDurable(decisionKey(name, id));
    await applyDecision(context, decision);
  }
}

async function hasTakenIn(ledger: Ledger, decision: Decision): Promise<boolean> {
  for (const batchId of new Set(decision.arrivals.map((arrival) => arrival.batchId)))
    if ((await ledger.batch(batchId))?.state !== "settled") return false;
  return true;
}

/** Resolves to the number of arrivals whose outcome stood and was taken back. Doing it again changes nothing. */
export async function applyDecision(
  context: Pick<DecisionContext, "ledger" | "clock">,
  decision: Decision,
): Promise<number> {
  const outcomes = decision.arrivals.map((outcome) => ({ ...outcome, state: "forgotten" as const }));
  const { id, kind } = decision;
  const changed = await context.ledger.takeBack(outcomes, context.clock.now(), { id, kind });
  faultPoint("decision.known");
  return changed;
}
