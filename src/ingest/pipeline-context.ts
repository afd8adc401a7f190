import type { Clock } from "../base/clock.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { EmitEvent } from "./events.ts";
import type { TableHandle } from "./open-table.ts";

/** What every step of the flow works on. */
export interface PipelineContext {
  /** Of its state: the declared name, with `/2` and so on behind it after a full refresh (`pipeline-name.ts`). */
  readonly name: string;
  readonly pipelineId: string;
  /** `txn` application id. */
  readonly appId: string;
  readonly table: TableHandle;
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** A fresh UUIDv7: names a plan, a table. */
  readonly newId: () => string;
  readonly emit: EmitEvent;
  readonly signal?: AbortSignal | undefined;
  /**
   * Of a first run: writes the pipeline's id beside the table, before anything else of it is written there; again it does nothing.
   * Undefined where the id stands.
   */
  readonly writeIdentity?: (() => Promise<void>) | undefined;
}
