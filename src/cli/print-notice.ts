import process from "node:process";
import { printable } from "../base/printable.ts";
import type { LogNotice } from "../delta/log-notice.ts";

/** For one command: each notice is a line on stderr, once. */
export function noticePrinter(): (notice: LogNotice) => void {
  const printed = new Set<string>();
  return ({ message }) => {
    if (printed.has(message)) return;
    printed.add(message);
    process.stderr.write(`warning: ${printable(message)}\n`);
  };
}
