/** The metrics of this process's pipelines, counted from their events and asked of their ledgers when somebody looks. */
import type { Attributes, BatchObservableResult, Meter, Observable } from "@opentelemetry/api";
import { isLandfallError } from "../base/landfall-error.ts";
import type { LedgerLook } from "../ledger/ledger-look.ts";
import { ARRIVAL_STATES, OPEN_STATES } from "../ledger/states.ts";
import type { ListenedPipeline, RunListener } from "./listener.ts";
import { countEvents } from "./count-events.ts";
import { handle, type EventHandlers } from "./event-handlers.ts";
import { meterInstruments } from "./meter-instruments.ts";
import type { MetricName } from "./metric-definitions.ts";
import type { PipelineStates } from "./pipeline-states.ts";
import { within } from "./within.ts";

export interface RunMetrics {
  listen(pipeline: ListenedPipeline): RunListener;
}

/** Instants since the epoch in milliseconds, of one pipeline over all its openings. */
interface Instants {
  newestSeen?: number | undefined;
  newestCommitted?: number | undefined;
  lastRound?: number | undefined;
}

export function runMetrics(options: {
  readonly meter: Meter;
  readonly states: PipelineStates;
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds that a ledger has to answer. */
  readonly ledgerMs: number;
}): RunMetrics {
  const { meter, states, now } = options;
  const instruments = meterInstruments(meter);
  const instants = new Map<string, Instants>();
  const { gauges } = instruments;
  const observe = async (result: BatchObservableResult): Promise<void> => {
    const set = (name: MetricName, value: number | undefined, labels: Attributes): void => {
      if (value !== undefined) result.observe(gauges.get(name)!, value, labels);
    };
    set("landfall_build_info", 1, { version: options.version });
    for (const [pipeline, { newestSeen, newestCommitted, lastRound }] of instants) {
      set("landfall_newest_seen_timestamp_seconds", seconds(newestSeen), { pipeline });
      set("landfall_newest_committed_timestamp_seconds", seconds(newestCommitted), { pipeline });
      set("landfall_last_round_timestamp_seconds", seconds(lastRound), { pipeline });
    }
    await Promise.all(
      states.all().map(async ({ name, state, askLedger }) => {
        // Not known by name yet: it has no series either.
        if (name === "") return;
        set("landfall_up", state === "running" ? 1 : 0, { pipeline: name });
        // A ledger that refuses or is closed just now has nothing to say; `landfall_up` and `/livez` tell of it.
        const asked = await within(options.ledgerMs, askLedger(), undefined).catch(() => undefined);
        if (asked !== undefined)
          observeLedger({
            ...asked,
            now: now(),
            set: (metric, value, labels) => set(metric, value, { pipeline: name, ...labels }),
          });
      }),
    );
  };
  meter.addBatchObservableCallback(observe, [...gauges.values()] as Observable[]);
  return {
    listen({ name = "" }) {
      let pipeline = name;
      let isBatchOpen = false;
      let planned: number | undefined;
      let counting = countEvents(instruments, pipeline);
      const mine = (): Instants => {
        const known = instants.get(pipeline) ?? {};
        instants.set(pipeline, known);
        return known;
      };
      const saw = (newest: number | undefined): void =>
        void (mine().newestSeen = latest(mine().newestSeen, newest, now()));
      const closeBatch = (): void => {
        if (isBatchOpen) counting.add("landfall_batches_total", 1, { outcome: "void" });
        isBatchOpen = false;
      };
      const handlers: EventHandlers = {
        "listing.done": ({ newestModifiedAt }) => saw(newestModifiedAt),
        "batch.planned": ({ newestModifiedAt }) => {
          isBatchOpen = true;
          planned = newestModifiedAt;
          saw(newestModifiedAt);
        },
        "batch.committed": () => {
          isBatchOpen = false;
          mine().newestCommitted = latest(mine().newestCommitted, planned, now());
        },
        "batch.void": () => void (isBatchOpen = false),
        "round.failed": closeBatch,
        "round.done": () => void (mine().lastRound = now()),
      };
      return {
        opened(looks) {
          pipeline = looks.name;
          counting = countEvents(instruments, pipeline);
          counting.begin();
        },
        emit(event) {
          counting.count(event);
          handle(handlers, event);
        },
        ended(error) {
          closeBatch();
          if (error === undefined || isLandfallError(error, "ABORTED")) return;
          counting.add("landfall_errors_total", 1, {
            code: isLandfallError(error) ? error.code : "INTERNAL",
          });
        },
      };
    },
  };
}

function observeLedger(
  options: LedgerLook & {
    readonly now: number;
    readonly set: (metric: MetricName, value: number | undefined, labels?: Attributes) => void;
  },
): void {
  const { summary, last, now, set } = options;
  const { states, oldestWaitingAt } = summary;
  for (const state of ARRIVAL_STATES) set("landfall_ledger_files", states[state] ?? 0, { state });
  const waiting = OPEN_STATES.reduce((sum, state) => sum + (states[state] ?? 0), 0);
  set("landfall_files_waiting", waiting);
  const age = oldestWaitingAt === undefined ? 0 : Math.max(0, now - oldestWaitingAt);
  set("landfall_oldest_waiting_age_seconds", seconds(age));
  set("landfall_oldest_waiting_timestamp_seconds", seconds(oldestWaitingAt));
  set("landfall_last_batch_number", last?.number);
  set("landfall_table_version", last?.version);
}

function seconds(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : milliseconds / 1000;
}

/** A file from the future (its writer's clock runs ahead) is no newer than now. */
function latest(known: number | undefined, found: number | undefined, now: number): number | undefined {
  if (found === undefined) return known;
  return Math.max(known ?? 0, Math.min(found, now));
}
