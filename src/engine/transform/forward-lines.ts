/** What a module prints, line by line on the program's stderr: its stdout belongs to results. */
import type { Readable } from "node:stream";
import { printable } from "../../base/printable.ts";

const LONGEST_LINE = 10_000;
/** Where V8 begins to say why it ends a process. */
const V8_DIES = /^<--- Last few GCs|^FATAL ERROR:|^# Fatal/;

export interface ForwardedLines {
  /** True once V8 has ended the process for want of memory. */
  readonly outOfMemory: () => boolean;
}

/** Forwards each stream's lines to `write`, without control characters and cut at 10,000; what V8 says at its end is kept back. */
export function forwardLines(streams: readonly Readable[], write: (line: string) => void): ForwardedLines {
  let dying = false;
  let outOfMemory = false;
  const line = (text: string): void => {
    dying ||= V8_DIES.test(text);
    outOfMemory ||= dying && /memory|Allocation|invalid size error|invalid (?:array|table)/i.test(text);
    if (!dying) write(harmless(text));
  };
  for (const stream of streams) {
    let rest = "";
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      for (const each of lines) line(each);
      if (rest.length <= LONGEST_LINE) return;
      line(rest);
      rest = "";
    });
    stream.on("end", () => {
      if (rest !== "") line(rest);
    });
  }
  return { outOfMemory: () => outOfMemory };
}

function harmless(text: string): string {
  const cut = text.length > LONGEST_LINE ? `${text.slice(0, LONGEST_LINE)}…` : text;
  return printable(cut);
}
