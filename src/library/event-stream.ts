/**
 * The events of a pipeline for its readers, each from the moment on at which it asked. None is lost: a run waits before its next batch
 * for readers that are far behind. Of progress that nobody has read yet, only the newest is kept.
 */
import type { EmitEvent, IngestEvent } from "../ingest/events.ts";

/** A reader with more unread events than this holds up the next batch. */
export const MOST_UNREAD_EVENTS = 10_000;

export interface EventStream {
  readonly emit: EmitEvent;
  /** Each iterator hears what happens after it was made, until `close`. */
  readonly events: AsyncIterable<IngestEvent>;
  /** Resolves when no reader is far behind. @throws the signal's reason */
  room(signal: AbortSignal): Promise<void>;
  /** The readers' iterators end when they have read what is there. */
  close(): void;
}

interface Reader {
  readonly unread: IngestEvent[];
  /** An iterator's `next` that waits for an event. */
  readonly waiting: ((result: IteratorResult<IngestEvent>) => void)[];
}

export function eventStream(options: { readonly mostUnread?: number } = {}): EventStream {
  const { mostUnread = MOST_UNREAD_EVENTS } = options;
  const readers = new Set<Reader>();
  let isClosed = false;
  let roomMade: (() => void)[] = [];
  const tellRoom = (): void => {
    const told = roomMade;
    roomMade = [];
    for (const tell of told) tell();
  };
  return {
    emit(event) {
      for (const reader of readers) give(reader, event);
    },
    events: {
      [Symbol.asyncIterator]() {
        const reader: Reader = { unread: [], waiting: [] };
        if (!isClosed) readers.add(reader);
        return {
          async next() {
            const value = reader.unread.shift();
            if (reader.unread.length <= mostUnread) tellRoom();
            if (value !== undefined) return { done: false, value };
            if (!readers.has(reader)) return DONE;
            return new Promise((resolve) => reader.waiting.push(resolve));
          },
          async return() {
            readers.delete(reader);
            reader.unread.length = 0;
            endWaits(reader);
            tellRoom();
            return DONE;
          },
        };
      },
    },
    async room(signal) {
      for (;;) {
        signal.throwIfAborted();
        if ([...readers].every(({ unread }) => unread.length <= mostUnread)) return;
        await new Promise<void>((resolve) => {
          signal.addEventListener("abort", tellRoom, { once: true });
          roomMade.push(() => {
            signal.removeEventListener("abort", tellRoom);
            resolve();
          });
        });
      }
    },
    close() {
      isClosed = true;
      for (const reader of readers) endWaits(reader);
      readers.clear();
      tellRoom();
    },
  };
}

const DONE = { done: true, value: undefined } as const;

function give({ unread, waiting }: Reader, event: IngestEvent): void {
  const asked = waiting.shift();
  if (asked !== undefined) {
    asked({ done: false, value: event });
    return;
  }
  // What a newer one of its kind says makes it worthless.
  if (isProgress(event) && unread.at(-1)?.type === event.type) unread.pop();
  unread.push(event);
}

function isProgress({ type }: IngestEvent): boolean {
  return type === "listing.progress" || type === "batch.progress";
}

function endWaits(reader: Reader): void {
  for (const asked of reader.waiting.splice(0)) asked(DONE);
}
