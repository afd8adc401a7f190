/** What a module prints, line by line for the program's stderr: its stdout belongs to results. */
import type { Readable } from "node:stream";
import { printable } from "../../base/printable.ts";

const LONGEST_LINE = 10_000;
/** What V8 says as it ends a process for want of memory; a stack of its own follows. */
const OUT_OF_MEMORY =
  /^<--- Last few GCs --->$|^FATAL ERROR: .*(?:Allocation failed|out of memory)|^# Fatal JavaScript out of memory/;

/**
 * Tells each line of the stream that is not empty, without control characters and cut at 10,000. A stream that breaks off is at
 * its end.
 */
export function forwardLines(stream: Readable, tell: (line: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    if (rest.length > LONGEST_LINE) {
      lines.push(rest);
      rest = "";
    }
    for (const line of lines) if (line !== "") tell(harmless(line));
  });
  stream.on("end", () => {
    if (rest !== "") tell(harmless(rest));
  });
  stream.on("error", () => {});
}

/** As `forwardLines`, but what V8 says at its end is kept back, and can be asked for. */
export function forwardErrors(
  stream: Readable,
  tell: (line: string) => void,
): { readonly outOfMemory: boolean } {
  const seen = { outOfMemory: false };
  forwardLines(stream, (line) => {
    seen.outOfMemory ||= OUT_OF_MEMORY.test(line);
    if (!seen.outOfMemory) tell(line);
  });
  return seen;
}

function harmless(line: string): string {
  return printable(line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line);
}
