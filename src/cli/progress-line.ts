/** One line of progress on a terminal; nothing at all elsewhere. */
import { formatBytes, formatCount, formatDuration } from "../base/units.ts";
import type { IngestEvent } from "../ingest/events.ts";

export interface ProgressLine {
  show(event: IngestEvent): void;
  clear(): void;
}

const EVERY_MS = 100;

export function progressLine(stream: NodeJS.WriteStream): ProgressLine {
  if (!stream.isTTY) return { show: () => {}, clear: () => {} };
  const started = Date.now();
  let lastShown = 0;
  let text = "";
  let files = 0;
  let bytesDone = 0;
  let batchBytes = 0;
  const write = (now: number): void => {
    lastShown = now;
    const width = Math.max(20, (stream.columns || 80) - 1);
    stream.write(`\r\u001b[2K${text.slice(0, width)}`);
  };
  return {
    show(event) {
      const now = Date.now();
      const elapsed = now - started;
      const rate = elapsed > 500 && bytesDone > 0 ? `, ${formatBytes((bytesDone / elapsed) * 1000)}/s` : "";
      if (event.type === "listing.progress") {
        text = `listing: ${formatCount(event.seen)} files`;
      } else if (event.type === "batch.planned") {
        batchBytes = event.bytes;
        const left =
          bytesDone > 0 ? `, about ${formatDuration((batchBytes / bytesDone) * elapsed)} left in it` : "";
        text = `batch ${event.number}: reading ${formatCount(event.files)} files, ${formatBytes(event.bytes)}${rate}${left}`;
      } else if (event.type === "batch.staged") {
        text = `batch ${event.number}: committing ${formatCount(event.rows)} rows`;
      } else if (event.type === "batch.committed") {
        files += event.counts.files;
        bytesDone += event.counts.bytes;
        text = `batch ${event.number} committed as version ${event.version}: ${formatCount(files)} files so far${rate}`;
      } else {
        return;
      }
      if (now - lastShown >= EVERY_MS || event.type !== "listing.progress") write(now);
    },
    clear() {
      if (text !== "") stream.write("\r\u001b[2K");
      text = "";
    },
  };
}
