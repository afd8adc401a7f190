/** What a decision about some files would take back, and what it leaves alone. Changes nothing. */
import type { DecisionKind, OutcomeId } from "../../ingest/decision.ts";
import type { Arrival, Batch } from "../../ledger/ledger.ts";
import type { LedgerReader } from "../../ledger/ledger-reader.ts";
import type { ArrivalState, SkipRule } from "../../ledger/states.ts";
import type { Storage } from "../../storage/storage.ts";
import type { ChosenFile } from "./choose-files.ts";
import { judgeArrival, type LeftAlone } from "./judge-arrival.ts";

/** An arrival whose outcome is taken back, as it stood before. */
export interface TakenBack extends OutcomeId {
  readonly state: ArrivalState;
  readonly reason?: string;
  /** Number of the batch that gave it its outcome. */
  readonly batch?: number;
  /** It was committed: its rows stay in the table. */
  readonly rowsStand: boolean;
  /** How many they are. */
  readonly rows: number;
  /** What lies in the source under its name now: this generation, another one, or nothing. */
  readonly source: "there" | "changed" | "gone";
}

export interface Left {
  readonly key: string;
  readonly generation: string;
  readonly state: ArrivalState;
  readonly rule?: SkipRule;
  readonly why: LeftAlone;
}

/** The next run does not read it either. */
export interface Refused extends Left {
  readonly why: Exclude<LeftAlone, "open" | "free">;
}

export interface DecisionPlan {
  readonly taken: readonly TakenBack[];
  readonly left: readonly Left[];
  /** Of files that the person named one by one, and that are not read again for it. */
  readonly refused: readonly Refused[];
}

const HEADS_AT_ONCE = 64;

export async function planDecision(options: {
  readonly kind: DecisionKind;
  readonly files: ReadonlyMap<string, ChosenFile>;
  readonly ledger: LedgerReader;
  /** The source's folder; only looked at. */
  readonly source: Storage;
}): Promise<DecisionPlan> {
  const { kind, ledger } = options;
  const taken: { readonly arrival: Arrival; readonly batchId: string; readonly rowsStand: boolean }[] = [];
  const left: Left[] = [];
  const refused: Refused[] = [];
  for (const { generations, named } of options.files.values()) {
    const before = taken.length;
    const others: Left[] = [];
    for (const arrival of generations) {
      const verdict = judgeArrival(arrival, kind);
      if (verdict.take) taken.push({ arrival, ...verdict });
      else others.push(leftOf(arrival, verdict.why));
    }
    const none = taken.length === before;
    // What was judged against a generation is read again with it: that is not left alone.
    left.push(...others.filter(({ why }) => none || why !== "judged"));
    // What the next run reads anyway is as it was asked for.
    if (named && none) refused.push(...others.filter(isRefused));
  }
  const numbers = await batchNumbers(ledger, new Set(taken.map(({ batchId }) => batchId)));
  const described: TakenBack[] = [];
  for (let start = 0; start < taken.length; start += HEADS_AT_ONCE) {
    const some = taken.slice(start, start + HEADS_AT_ONCE);
    described.push(
      ...(await Promise.all(
        some.map(async ({ arrival, batchId, rowsStand }): Promise<TakenBack> => {
          const { key, generation, state, reason, outcome } = arrival;
          const batch = numbers.get(batchId);
          return {
            key,
            generation,
            batchId,
            state,
            ...(reason === undefined ? {} : { reason }),
            ...(batch === undefined ? {} : { batch }),
            rowsStand,
            rows: rowsStand ? (outcome?.written ?? 0) : 0,
            source: await lookAtSource(options.source, arrival),
          };
        }),
      )),
    );
  }
  return { taken: described, left, refused };
}

function isRefused(left: Left): left is Refused {
  return left.why !== "open" && left.why !== "free";
}

function leftOf({ key, generation, state, rule }: Arrival, why: LeftAlone): Left {
  return { key, generation, state, ...(rule === undefined ? {} : { rule }), why };
}

async function batchNumbers(
  ledger: LedgerReader,
  batchIds: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Batch["number"]>> {
  const numbers = new Map<string, number>();
  for (const batchId of batchIds) {
    const batch = await ledger.batch(batchId);
    if (batch !== undefined) numbers.set(batchId, batch.number);
  }
  return numbers;
}

async function lookAtSource(source: Storage, arrival: Arrival): Promise<TakenBack["source"]> {
  const found = await source.head(arrival.key);
  if (found === undefined) return "gone";
  const same = found.size === arrival.size && found.modifiedNs === arrival.modifiedNs;
  return same ? "there" : "changed";
}
