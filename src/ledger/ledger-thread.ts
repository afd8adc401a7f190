/** The near side of the ledger's worker thread: calls in, promises out, in order. */
import { Worker } from "node:worker_threads";
import { LandfallError, messageOf } from "../base/landfall-error.ts";
import { siblingModule } from "../base/sibling-module.ts";
import { closedLedger } from "./ledger-identity.ts";
import type { LedgerCalls, WorkerAnswer, WorkerOptions, WorkerRequest } from "./sqlite-ledger-worker.ts";
import { fromWire } from "../base/wire-error.ts";

export interface LedgerThread {
  call<Method extends keyof LedgerCalls>(
    method: Method,
    ...args: Parameters<LedgerCalls[Method]>
  ): Promise<ReturnType<LedgerCalls[Method]>>;
  /** Waits for the calls under way, closes the file and ends the thread. Idempotent. */
  close(): Promise<void>;
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Resolves when the file is open. @throws LandfallError what opening met; the thread has ended then */
export async function startLedgerThread(options: WorkerOptions): Promise<LedgerThread> {
  // Flags that Node was started with (`--input-type`, `--eval`) may not fit a worker, and it needs none.
  const worker = new Worker(siblingModule(import.meta.url, "sqlite-ledger-worker"), {
    workerData: options,
    execArgv: [],
  });
  const waiting: Waiting[] = [];
  let ended: LandfallError | undefined;
  let closing: Promise<void> | undefined;
  const exited = new Promise<void>((resolve) => worker.once("exit", () => resolve()));

  const end = (error: LandfallError): void => {
    ended ??= error;
    for (const { reject } of waiting.splice(0)) reject(ended);
  };
  worker.on("message", (answer: WorkerAnswer) => {
    const next = waiting.shift();
    // An idle ledger keeps no process alive.
    if (waiting.length === 0) worker.unref();
    if (answer.ok) next?.resolve(answer.result);
    else next?.reject(fromWire(answer.error));
  });
  worker.on("error", (error) => end(threadDied(options.path, error)));
  worker.on("exit", () => end(closing === undefined ? threadDied(options.path) : closedLedger()));

  const next = (): Promise<unknown> =>
    new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
    });
  const send = (request: WorkerRequest): Promise<unknown> => {
    if (ended !== undefined) return Promise.reject(ended);
    worker.ref();
    const answered = next();
    // eslint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    worker.postMessage(request);
    return answered;
  };
  try {
    await next();
  } catch (error) {
    worker.ref();
    await exited;
    throw error;
  }
  return {
    call: (async (method: keyof LedgerCalls, ...args: readonly unknown[]) => {
      if (closing !== undefined) throw closedLedger();
      return send({ method, args });
    }) as LedgerThread["call"],
    close: () => {
      closing ??= (async () => {
        if (ended !== undefined) return;
        await send({ method: "close", args: [] });
        worker.ref();
        await exited;
      })();
      return closing;
    },
  };
}

function threadDied(path: string, cause?: unknown): LandfallError {
  return new LandfallError("LEDGER_FAILED", {
    message: `The thread of the ledger ${path} ended unexpectedly${cause === undefined ? "" : `: ${messageOf(cause)}`}.`,
    hint: "Run again; nothing that was confirmed is lost.",
    file: path,
    cause,
  });
}
