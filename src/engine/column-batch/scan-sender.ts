/** Sends the batches of scans out of the engine's process: no more of each than its reader takes. */
import { once } from "node:events";
import { Socket } from "node:net";
import type { Writable } from "node:stream";
import { BATCHES_AHEAD, type ScanAnswer } from "../engine-messages.ts";
import { BATCH_PIPE } from "../fork-engine.ts";
import { frameOf } from "./batch-frame.ts";
import type { ColumnBatch } from "./column-batch.ts";

export interface ScanSender {
  /** Sends all batches, and tells how many they were. */
  send(
    batches: AsyncIterable<ColumnBatch>,
    options: { readonly id: number; readonly signal: AbortSignal },
  ): Promise<ScanAnswer>;
  /** One more batch of a scan may be sent. */
  more(id: number): void;
}

interface Allowance {
  batches: number;
  /** Woken when there is one more. */
  wake: () => void;
}

/** `open` gives the pipe, when the first scan needs it. */
export function scanSender(open: () => Writable): ScanSender {
  const underWay = new Map<number, Allowance>();
  let pipe: Writable | undefined;
  return {
    async send(batches, { id, signal }) {
      pipe ??= open();
      const allowance: Allowance = { batches: BATCHES_AHEAD, wake: () => {} };
      underWay.set(id, allowance);
      const wake = (): void => allowance.wake();
      signal.addEventListener("abort", wake);
      let sent = 0;
      try {
        for await (const batch of batches) {
          await oneAllowed(allowance, signal);
          await write(pipe, frameOf(id, batch));
          sent++;
        }
        return { batches: sent };
      } finally {
        signal.removeEventListener("abort", wake);
        underWay.delete(id);
      }
    },
    more(id) {
      const allowance = underWay.get(id);
      if (allowance === undefined) return;
      allowance.batches++;
      allowance.wake();
    },
  };
}

async function oneAllowed(allowance: Allowance, signal: AbortSignal): Promise<void> {
  while (allowance.batches === 0) {
    signal.throwIfAborted();
    await new Promise<void>((resolve) => (allowance.wake = resolve));
  }
  allowance.batches--;
}

/** The frames of several scans take turns: each is written as one. */
async function write(pipe: Writable, frame: readonly Uint8Array[]): Promise<void> {
  pipe.cork();
  let hasRoom = true;
  for (const part of frame) hasRoom = pipe.write(part);
  pipe.uncork();
  if (!hasRoom) await once(pipe, "drain");
}

/** The pipe of the engine's process. */
export function openBatchPipe(): Socket {
  const pipe = new Socket({ fd: BATCH_PIPE, readable: false, writable: true });
  // The reader is gone, and so is the channel: this process is about to end.
  pipe.on("error", () => {});
  // As many scans as there are may wait for room.
  pipe.setMaxListeners(0);
  return pipe;
}
