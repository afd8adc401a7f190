/** Who looks on at the runs of a process: logs, metrics, traces. */
import type { EmitEvent } from "../ingest/events.ts";
import type { Batch, LedgerSummary } from "../ledger/ledger.ts";
import type { LedgerLook } from "../ledger/ledger-look.ts";

/** What may be asked of a pipeline that is open. */
export interface OpenLooks {
  readonly name: string;
  summary(): Promise<LedgerSummary>;
  /** The last batch that its ledger has taken in. */
  lastTakenIn(): Promise<Batch | undefined>;
}

/** A pipeline that is about to be opened. */
export interface ListenedPipeline {
  /** As declared, where it is. */
  readonly name: string | undefined;
  /** Looks into the ledger of one that has ended or could not be opened; undefined where it has none. Default: nobody can. */
  readonly lookAtRest?: ((name: string) => Promise<LedgerLook | undefined>) | undefined;
}

/** Hears what happens to one pipeline. None of it throws, and none of it waits. */
export interface RunListener {
  readonly emit: EmitEvent;
  /** It is open, and nothing has happened to it yet. */
  opened(looks: OpenLooks): void;
  /** It has come to its end and is about to be closed; `error`: why, where it did not end by itself. */
  ended(error?: unknown): void;
}
