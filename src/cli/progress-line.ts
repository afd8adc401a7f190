/** One line of progress on a terminal; nothing at all elsewhere. */
import { formatBytes, formatCount, formatDuration } from "../base/units.ts";
import type { IngestEvent } from "../ingest/events.ts";

export interface ProgressLine {
  show(event: IngestEvent): void;
  clear(): void;
}

const EVERY_MS = 100;

/** What share of a batch's time each phase takes, roughly: enough to tell what remains. */
const SHARES = {
  scan: { from: 0, share: 0.25 },
  prepare: { from: 0.25, share: 0.1 },
  write: { from: 0.35, share: 0.65 },
};
const DOING = { scan: "scanning", prepare: "preparing", write: "writing" };

export function progressLine(stream: NodeJS.WriteStream): ProgressLine {
  if (!stream.isTTY) return { show: () => {}, clear: () => {} };
  let lastShown = 0;
  let text = "";
  let files = 0;
  let batch = { number: 0, files: 0, bytes: 0, started: 0 };
  const write = (now: number): void => {
    lastShown = now;
    const width = Math.max(20, (stream.columns || 80) - 1);
    stream.write(`\r\u001b[2K${text.slice(0, width)}`);
  };
  /** Undefined for an event that is not shown. */
  const textOf = (event: IngestEvent, now: number): string | undefined => {
    if (event.type === "listing.progress") return `listing: ${formatCount(event.seen)} files`;
    if (event.type === "batch.planned") {
      batch = { number: event.number, files: event.files, bytes: event.bytes, started: now };
      return `batch ${event.number}: ${formatCount(event.files)} files, ${formatBytes(event.bytes)}`;
    }
    if (event.type === "batch.progress") {
      const { from, share } = SHARES[event.phase];
      const done = from + (event.total === 0 ? 0 : (event.done / event.total) * share);
      const elapsed = now - batch.started;
      const percent = Math.round(done * 100);
      const rate = elapsed > 500 ? `, ${formatBytes((batch.bytes * done * 1000) / elapsed)}/s` : "";
      const left =
        elapsed > 1000 && done > 0.05 ? `, about ${formatDuration((elapsed / done) * (1 - done))} left` : "";
      return `batch ${batch.number}: ${DOING[event.phase]} ${formatCount(batch.files)} files, ${formatBytes(batch.bytes)}: ${percent} %${rate}${left}`;
    }
    if (event.type === "batch.staged")
      return `batch ${event.number}: committing ${formatCount(event.rows)} rows`;
    if (event.type === "batch.committed") {
      files += event.counts.files;
      return `batch ${event.number} committed as version ${event.version}: ${formatCount(files)} files so far`;
    }
    return undefined;
  };
  return {
    show(event) {
      const now = Date.now();
      const next = textOf(event, now);
      if (next === undefined) return;
      text = next;
      const often = event.type === "listing.progress" || event.type === "batch.progress";
      if (!often || now - lastShown >= EVERY_MS) write(now);
    },
    clear() {
      if (text !== "") stream.write("\r\u001b[2K");
      text = "";
    },
  };
}
