/** A question to the person at the terminal. */
import process from "node:process";
import { createInterface } from "node:readline/promises";

/** True where somebody can be asked: both ends are a terminal. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/** Only "y" or "yes" is consent. Asks on stderr, since results go to stdout. */
export async function confirmed(question: string, signal: AbortSignal): Promise<boolean> {
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await asking.question(`${question} [y/N] `, { signal });
    return /^y(?:es)?$/i.test(answer.trim());
  } finally {
    asking.close();
  }
}
