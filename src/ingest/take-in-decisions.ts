/** Brings a ledger in line with the decisions beside the table, whoever wrote them: at every start, and when it is rebuilt. */
import type { Clock } from "../base/clock.ts";
import { faultPoint } from "../base/fault-point.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { LedgerDecision } from "../ledger/ledger-decision.ts";
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
 * Resolves to the number of arrivals that changed.
 *
 * @throws LandfallError STATE_NEWER, STATE_CORRUPT
 */
export async function takeInDecisions(
  context: DecisionContext,
  options: { /** Only these; default: all that stand. */ readonly only?: ReadonlySet<string> } = {},
): Promise<number> {
  const { name, ledger, table, signal } = context;
  const known = new Set(await ledger.decisions());
  const fresh = (await listDecisions(table.storage, name)).filter(
    (id) => !known.has(id) && options.only?.has(id) !== false,
  );
  let changed = 0;
  for (let start = 0; start < fresh.length; start += AT_ONCE) {
    signal?.throwIfAborted();
    const some = fresh.slice(start, start + AT_ONCE);
    const read = await Promise.all(some.map((id) => readDecision(table.storage, name, id)));
    const due: Decision[] = [];
    for (const decision of read) if (await hasTakenIn(ledger, decision)) due.push(decision);
    // Who wrote one may have died before it was durable, and the ledger must never know more than what stands beside the table.
    await Promise.all(due.map(({ id }) => table.storage.makeDurable(decisionKey(name, id))));
    changed += await applyDecisions(context, due);
  }
  return changed;
}

/** Decisions that are applied in one transaction. */
const AT_ONCE = 200;

async function hasTakenIn(ledger: Ledger, decision: Decision): Promise<boolean> {
  if (decision.kind === "adopt") return true;
  for (const batchId of new Set(decision.arrivals.map((arrival) => arrival.batchId)))
    if ((await ledger.batch(batchId))?.state !== "settled") return false;
  return true;
}

function inLedgerWords(decision: Decision): LedgerDecision {
  const { id, kind } = decision;
  if (decision.kind === "adopt") return { id, kind, outcomes: [], adopted: decision.arrivals };
  const outcomes = decision.arrivals.map(({ key, generation, batchId }) => {
    return { key, generation, batchId, state: "forgotten" as const };
  });
  return { id, kind, outcomes };
}

/** Resolves to the number of arrivals that it changed. Doing it again changes nothing. */
export async function applyDecisions(
  context: Pick<DecisionContext, "ledger" | "clock">,
  decisions: readonly Decision[],
): Promise<number> {
  const changed = await context.ledger.decide(decisions.map(inLedgerWords), context.clock.now());
  if (decisions.length > 0) faultPoint("decision.known");
  return changed;
}
