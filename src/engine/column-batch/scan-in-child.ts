/** A scan whose batches another process makes. */
import type { ColumnBatch } from "./column-batch.ts";

export interface BatchFromEngine {
  readonly batch: ColumnBatch;
  /** Lets the engine send one more. */
  readonly taken: () => void;
}

/** Starts a scan; settles when its last batch has come, or with why there is none. */
export type StartScan = (options: {
  readonly signal: AbortSignal;
  readonly onBatch: (batch: BatchFromEngine) => void;
}) => Promise<unknown>;

export async function* scanInChild(
  start: StartScan,
  signal: AbortSignal | undefined,
): AsyncGenerator<ColumnBatch, void, void> {
  signal?.throwIfAborted();
  const left = new AbortController();
  const either = signal === undefined ? left.signal : AbortSignal.any([signal, left.signal]);
  const waiting: BatchFromEngine[] = [];
  let wake = (): void => {};
  const onBatch = (batch: BatchFromEngine): void => {
    waiting.push(batch);
    wake();
  };
  let end: { readonly error?: unknown } | undefined;
  const call = start({ signal: either, onBatch })
    .then(
      () => (end = {}),
      (error: unknown) => (end = { error }),
    )
    .finally(() => wake());
  try {
    for (;;) {
      signal?.throwIfAborted();
      const next = waiting.shift();
      if (next !== undefined) {
        next.taken();
        yield next.batch;
        continue;
      }
      if (end !== undefined && "error" in end) throw end.error;
      if (end !== undefined) return;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    if (end === undefined) {
      left.abort();
      await call;
    }
  }
}
