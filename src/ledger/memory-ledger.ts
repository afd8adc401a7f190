/** The ledger in plain Maps: for tests and for whoever wants no file. Nothing outlives the process. */
import { compareText } from "../base/compare-text.ts";
import { changeArrival, type ArrivalChange } from "./arrival-change.ts";
import { checkId, checkObservation, compareIds, lastOfEachKey } from "./arrival-id.ts";
import { byDiscovery, isBefore, isChosen, matches, summaryOf } from "./arrival-filters.ts";
import { compareCandidates } from "./candidate-order.ts";
import { changeBatch, checkSettle, notSettled, settledBatch } from "./batch-change.ts";
import type {
  Arrival,
  ArrivalId,
  Batch,
  Ledger,
  LedgerEvent,
  SettleRequest,
  TidiedArrival,
} from "./ledger.ts";
import { decideInto, takeBackInto } from "./take-back.ts";
import { copyOf, dumpOf, emptyContent, idText, type MemoryContent } from "./memory-content.ts";
import { checkSameIdentity, closedLedger } from "./ledger-identity.ts";
import { isTidiable, TIDY_STATES } from "./states.ts";

export interface MemoryLedger extends Ledger {
  /**
   * The whole content as canonical text: two ledgers that dump alike answer alike from now on, but for instants, which are
   * left out. Batches come in the order in which this ledger heard of them.
   */
  dump(): string;
  /** A ledger of its own with the same content: what a backup of the file would be. */
  copy(): MemoryLedger;
}

/** A new, empty ledger. */
export function memoryLedger(): MemoryLedger {
  return ledgerOf(emptyContent());
}

function ledgerOf(initial: MemoryContent): MemoryLedger {
  let content = initial;
  let closed = false;

  const find = (id: ArrivalId): Arrival | undefined => {
    checkId(id);
    return content.arrivals.get(id.key)?.get(id.generation);
  };
  const all = (): Arrival[] => [...content.arrivals.values()].flatMap((byKey) => [...byKey.values()]);
  const batchesAscending = (keep: (batch: Batch) => boolean): Batch[] =>
    [...content.batches.values()]
      .filter(keep)
      .sort((a, b) => a.number - b.number || compareText(a.batchId, b.batchId));
  const last = (): Batch | undefined => batchesAscending((batch) => batch.state === "settled").at(-1);
  const claims = (batchId: string): Arrival[] =>
    all()
      .filter((arrival) => arrival.state === "claimed" && arrival.batchId === batchId)
      .sort(compareIds);

  const write = (arrival: Arrival): void => {
    const byKey = content.arrivals.get(arrival.key) ?? new Map<string, Arrival>();
    content.arrivals.set(arrival.key, byKey.set(arrival.generation, arrival));
  };
  const remove = ({ key, generation }: ArrivalId): void => {
    const byKey = content.arrivals.get(key)!;
    byKey.delete(generation);
    if (byKey.size === 0) content.arrivals.delete(key);
  };
  const waiting = (): Arrival[] => all().filter((arrival) => arrival.state === "waiting");
  const apply = (id: ArrivalId, change: ArrivalChange): boolean => {
    const after = changeArrival(find(id), change);
    if (after === undefined) return false;
    if (after.arrival === undefined) remove(id);
    else write(after.arrival);
    if (after.event !== undefined) addEvent(id, after.event);
    return true;
  };
  const addEvent = (id: ArrivalId, event: LedgerEvent): void =>
    void content.events.set(idText(id), [...(content.events.get(idText(id)) ?? []), event]);
  const tidy = (
    id: ArrivalId,
    { outcome, at, detail }: Omit<TidiedArrival, keyof ArrivalId> & { readonly at: number },
  ): void => {
    const said = detail === undefined ? {} : { detail };
    if (outcome === "failed") {
      const arrival = find(id);
      if (arrival === undefined || !isTidiable(arrival.state)) return;
      content.tidyFailures.set(idText(id), { at, event: "tidyFailed", ...said });
      return;
    }
    if (outcome !== "moved") apply(id, { kind: "tidied", state: outcome, at, detail });
    else if (find(id)?.state === "quarantined") addEvent(id, { at, event: outcome, ...said });
    content.tidyFailures.delete(idText(id));
  };
  const openTidiedAgain = (id: ArrivalId): void => {
    const arrival = find(id);
    const number = content.batches.get(arrival?.batchId ?? "")?.number;
    for (const kind of ["committed", "quarantined"] as const) {
      if (arrival !== undefined && TIDY_STATES[kind].includes(arrival.state))
        content.tidied.delete(`${kind} ${number}`);
    }
  };
  const generations = (key: string): Arrival[] => [...(content.arrivals.get(key)?.values() ?? [])];
  const remember = (id: string): boolean => {
    if (content.decisions.has(id)) return false;
    content.decisions.add(id);
    return true;
  };
  const attemptsOf = (id: ArrivalId): { attempts?: number } => {
    const attempts = content.attempts.get(idText(id));
    return attempts === undefined ? {} : { attempts };
  };
  const setBatch = (batch: Batch): void => void content.batches.set(batch.batchId, batch);

  const transaction = async <T>(run: () => T): Promise<T> => {
    if (closed) throw closedLedger();
    return run();
  };
  /** For calls that may be refused after their first write: what they wrote is put back. */
  const atomic = <T>(run: () => T): Promise<T> =>
    transaction(() => {
      const before = copyOf(content);
      try {
        return run();
      } catch (error) {
        content = before;
        throw error;
      }
    });

  return {
    identity: () => transaction(() => content.identity),
    setIdentity: (identity) =>
      transaction(() => {
        checkSameIdentity(content.identity, identity);
        content.identity = { ...identity };
      }),
    tableIdentity: () => transaction(() => content.table),
    setTableIdentity: (identity) => transaction(() => void (content.table = { ...identity })),

    observe: (observations, at) =>
      transaction(() => {
        observations.forEach(checkObservation);
        const result = { discovered: 0, known: 0, returned: 0 };
        for (const observation of observations) {
          const unknown = find(observation) === undefined;
          const moved = apply(observation, { kind: "seen", observation, at });
          result[unknown ? "discovered" : moved ? "returned" : "known"] += 1;
          openTidiedAgain(observation);
        }
        return { ...result, waiting: waiting().length };
      }),
    setWaiting: (observations, at) =>
      transaction(() => {
        observations.forEach(checkObservation);
        const young = lastOfEachKey(observations);
        const seen = new Set(young.map(idText));
        for (const arrival of waiting()) if (!seen.has(idText(arrival))) apply(arrival, { kind: "unseen" });
        for (const observation of young) apply(observation, { kind: "young", observation, at });
      }),

    candidates: (limit, choice = {}) =>
      transaction(() =>
        all()
          .filter((arrival) => arrival.state === "discovered" && isChosen(arrival, choice))
          .sort(compareCandidates(choice.order))
          .slice(0, limit)
          .map((arrival) => ({
            ...arrival,
            others: byDiscovery([...content.arrivals.get(arrival.key)!.values()]).filter(
              (other) => other.generation !== arrival.generation,
            ),
            ...attemptsOf(arrival),
          })),
      ),

    bytesRead: ({ modifiedBeforeNs, fromBatchId }) =>
      transaction(() =>
        all()
          .filter(
            ({ modifiedNs, batchId = "" }) =>
              batchId >= fromBatchId && isBefore(modifiedNs, modifiedBeforeNs),
          )
          .reduce((sum, { outcome }) => sum + (outcome?.bytes ?? 0), 0),
      ),

    skip: (arrivals, at) =>
      atomic(() => {
        for (const { rule, reason, ...id } of arrivals) {
          apply(id, { kind: "skip", rule, at, ...(reason === undefined ? {} : { reason }) });
        }
      }),

    plan: ({ number, batchId, at }, arrivals) =>
      atomic(() => {
        const state = changeBatch(content.batches.get(batchId), "plan", batchId)!;
        const claims = arrivals.map((id) => changeArrival(find(id), { kind: "claim", batchId }));
        if (claims.includes(undefined)) return "overtaken";
        setBatch({ number, batchId, state, plannedAt: at });
        for (const id of arrivals) apply(id, { kind: "claim", batchId });
        return "planned";
      }),

    advance: (batchId, to, version) =>
      transaction(() => {
        const current = content.batches.get(batchId);
        const state = changeBatch(current, to === "staged" ? "stage" : "commit", batchId);
        if (state === undefined) return;
        setBatch({ ...current!, state, ...(version === undefined ? {} : { version }) });
      }),

    voidBatch: (batchId, at, engineDied) =>
      transaction(() => {
        const current = content.batches.get(batchId);
        const state = changeBatch(current, "void", batchId);
        if (state === undefined) return;
        setBatch({ ...current!, state });
        for (const arrival of claims(batchId)) {
          apply(arrival, { kind: "release", batchId, at, engineDied });
          if (engineDied !== undefined)
            content.attempts.set(idText(arrival), (content.attempts.get(idText(arrival)) ?? 0) + 1);
        }
      }),

    openBatches: () =>
      transaction(() => batchesAscending(({ state }) => state !== "settled" && state !== "void")),
    claimed: (batchId) => transaction(() => claims(batchId)),
    lastTakenIn: () => transaction(last),
    batchesWithoutDoneMark: () =>
      transaction(() =>
        batchesAscending(({ state, number }) => state === "settled" && !content.done.has(number)),
      ),
    markDone: (number) =>
      transaction(() => {
        if (number > (last()?.number ?? 0) || number < 1) throw notSettled(number);
        content.done.add(number);
      }),

    settle: (request) =>
      atomic(() => {
        const taken = last()?.number;
        if (request.number <= (taken ?? 0)) return;
        const known = content.batches.get(request.batchId);
        checkSettle(request, known, taken);
        settleInto(request, apply, claims);
        for (const outcome of request.outcomes) content.attempts.delete(idText(outcome));
        changeBatch(known, "settle", request.batchId);
        setBatch(settledBatch(request, known));
      }),

    baseline: (arrivals, at) =>
      transaction(() => {
        arrivals.forEach(checkObservation);
        for (const observation of arrivals) apply(observation, { kind: "baseline", observation, at });
      }),

    unknownVacateRecords: (records) =>
      transaction(() => records.filter((name) => !content.vacateRecords.has(name))),
    vacate: (record, batchId, arrivals) =>
      atomic(() => {
        for (const id of arrivals) {
          const arrival = find(id);
          if (arrival?.outcome === undefined || arrival.batchId !== batchId) continue;
          write({ ...arrival, vacated: true });
        }
        content.vacateRecords.add(record);
      }),
    untidiedBatches: (kind, after, limit) =>
      transaction(() =>
        batchesAscending(
          ({ state, number }) =>
            state === "settled" && number > after && !content.tidied.has(`${kind} ${number}`),
        ).slice(0, limit),
      ),
    batchTidied: (kind, number) =>
      transaction(() => {
        const [batch] = batchesAscending((each) => each.state === "settled" && each.number === number);
        if (batch === undefined) return;
        content.tidied.add(`${kind} ${number}`);
        for (const arrival of all()) {
          if (arrival.batchId === batch.batchId && TIDY_STATES[kind].includes(arrival.state))
            content.tidyFailures.delete(idText(arrival));
        }
      }),
    tidied: (arrivals, at) =>
      atomic(() => {
        for (const { outcome, detail, ...id } of arrivals)
          tidy(id, { outcome, at, ...(detail === undefined ? {} : { detail }) });
      }),
    takeBack: (outcomes, at) => atomic(() => takeBackInto({ apply, generations }, outcomes, at)),
    decide: (decisions, at) => atomic(() => decideInto({ apply, generations, remember }, decisions, at)),
    decisions: () => transaction(() => [...content.decisions].sort(compareText)),

    events: (id) =>
      transaction(() => {
        if (find(id) === undefined) return [];
        const failure = content.tidyFailures.get(idText(id));
        return [...(content.events.get(idText(id)) ?? []), ...(failure === undefined ? [] : [failure])];
      }),
    get: (id) => transaction(() => find(id)),
    generations: (key) => transaction(() => byDiscovery(generations(key))),
    arrivals: (filter) =>
      transaction(() =>
        all()
          .filter((arrival) => matches(arrival, filter))
          .sort(compareIds)
          .slice(0, filter.limit),
      ),
    batch: (batchId) => transaction(() => content.batches.get(batchId)),
    batches: (limit) => transaction(() => [...content.batches.values()].reverse().slice(0, limit)),
    summary: () =>
      transaction(() => {
        const open = (arrival: Arrival): boolean =>
          content.tidyFailures.has(idText(arrival)) &&
          Object.values(TIDY_STATES).some((states) => states.includes(arrival.state));
        const tidyFailed = all().filter(open).length;
        return { ...summaryOf(all()), ...(tidyFailed === 0 ? {} : { tidyFailed }) };
      }),

    clear: () =>
      transaction(() => {
        const { identity } = content;
        content = { ...emptyContent(), ...(identity === undefined ? {} : { identity }) };
      }),
    close: async () => {
      closed = true;
    },
    dump: () => dumpOf(content, all().sort(compareIds)),
    copy: () => ledgerOf(copyOf(content)),
  };
}

function settleInto(
  request: SettleRequest,
  apply: (id: ArrivalId, change: ArrivalChange) => boolean,
  claims: (batchId: string) => Arrival[],
): void {
  const { batchId, at } = request;
  for (const outcome of request.outcomes) {
    checkObservation(outcome);
    apply(outcome, { kind: "settle", outcome, batchId, at });
  }
  for (const arrival of claims(batchId)) apply(arrival, { kind: "release", batchId, at });
}
