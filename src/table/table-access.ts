/** What the questions to one table work with: opened with the first of them, closed once, and none outlives the close. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closedError } from "../base/closed-error.ts";
import type { ParquetAccess } from "../delta/checkpoint-rows.ts";
import type { LogNotice } from "../delta/log-notice.ts";
import { childEngine } from "../engine/child-engine.ts";
import type { Engine } from "../engine/engine.ts";
import { localStorage } from "../storage/local-storage.ts";
import type { Storage } from "../storage/storage.ts";

export interface TableParts {
  readonly storage: Storage;
  /** Its process starts with the first call. */
  readonly engine: Engine;
  /** Reads checkpoints, by that engine. */
  readonly parquet: ParquetAccess;
  /** Files that the log names outside of the table's folder are read, too. */
  readonly allowOutside: boolean;
  /** Told of what is damaged in the log and was passed over. */
  readonly onNotice: ((notice: LogNotice) => void) | undefined;
}

export interface TableAccess {
  readonly location: string;
  /** Aborted by the close. */
  readonly closing: AbortSignal;
  /** Rejects with the reason of the signal that ends it, or because the table is closed. */
  ask<T>(
    signal: AbortSignal | undefined,
    question: (parts: TableParts, signal: AbortSignal) => Promise<T>,
  ): Promise<T>;
  /** The same for an answer in pieces, which are made as they are asked for. */
  askInPieces<T>(
    signal: AbortSignal | undefined,
    question: (parts: TableParts, signal: AbortSignal) => AsyncIterable<T>,
  ): AsyncGenerator<T, void, undefined>;
  /** Ends what is under way and waits for that; a second call does nothing more. */
  close(): Promise<void>;
}

export interface TableAccessOptions {
  /** Absolute. */
  readonly location: string;
  /** Bytes. */
  readonly memory: number;
  readonly threads: number;
  readonly allowOutside: boolean;
  readonly onNotice: TableParts["onNotice"];
  /** Ends every question. */
  readonly signal: AbortSignal | undefined;
}

const SPILL = 10 * 1024 ** 3;

/** Nothing is touched before the first question. */
export function tableAccess(options: TableAccessOptions): TableAccess {
  const { location, signal: always } = options;
  const closing = new AbortController();
  const underWay = new Set<Promise<unknown>>();
  let opened: Promise<TableParts> | undefined;
  let closed: Promise<void> | undefined;
  const signalOf = (asked: AbortSignal | undefined): AbortSignal => {
    const signal = AbortSignal.any([closing.signal, always, asked].filter((one) => one !== undefined));
    signal.throwIfAborted();
    return signal;
  };
  const parts = (): Promise<TableParts> => (opened ??= openParts(options));
  const held = async <T>(answer: Promise<T>): Promise<T> => {
    underWay.add(answer);
    try {
      return await answer;
    } finally {
      underWay.delete(answer);
    }
  };
  const close = async (): Promise<void> => {
    closing.abort(closedError("table"));
    await Promise.allSettled(underWay);
    const open = await opened?.catch(() => undefined);
    await open?.engine.close();
    if (open !== undefined) await rm(open.parquet.scratchFolder, { recursive: true, force: true });
  };
  return {
    location,
    closing: closing.signal,
    async ask(asked, question) {
      const signal = signalOf(asked);
      return held(parts().then((open) => question(open, signal)));
    },
    async *askInPieces(asked, question) {
      const signal = signalOf(asked);
      const pieces = question(await parts(), signal)[Symbol.asyncIterator]();
      try {
        for (;;) {
          // Only while a piece is made is there something to wait for: who asks for no more may never come back.
          const next = await held(pieces.next());
          if (next.done === true) return;
          yield next.value;
          signal.throwIfAborted();
        }
      } finally {
        await held(Promise.resolve(pieces.return?.()));
      }
    },
    close: () => (closed ??= close()),
  };
}

async function openParts(options: TableAccessOptions): Promise<TableParts> {
  const { location, memory, threads, allowOutside, onNotice } = options;
  const scratchFolder = await mkdtemp(join(tmpdir(), "landfall-"));
  const engine = childEngine({
    memoryBytes: memory,
    threads,
    spillFolder: join(scratchFolder, "engine"),
    spillBytes: SPILL,
    // Nothing of a person's prints in an engine that only reads, and the terminal is the caller's.
    onOutput: () => {},
  });
  return {
    storage: localStorage({ root: location }),
    engine,
    parquet: { port: engine, scratchFolder },
    allowOutside,
    onNotice,
  };
}
