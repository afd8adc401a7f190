/** What the engine says of a person's SQL, without the words that only mean something to the engine. */
import { LandfallError, messageOf } from "../../base/landfall-error.ts";
import { titleOf, type BatchTransform } from "./batch-transform.ts";

export interface ReadableError {
  /** A sentence without its full stop. */
  readonly text: string;
  /** The line of the SQL, from 1. */
  readonly line?: number;
}

export function readableError(error: LandfallError, transform: Pick<BatchTransform, "name">): ReadableError {
  const whole = messageOf(error.cause ?? error);
  const [first = ""] = whole.split("\n", 1);
  const title = `${titleOf(transform)} `;
  const said = first.startsWith(title) ? first.slice(title.length) : first;
  const text = said.replace(/^(?:\w+ ){1,4}?Error: /, "").replace(/[.!]$/, "");
  const line = /^LINE (\d+):/m.exec(whole)?.[1];
  return line === undefined ? { text } : { text, line: Number(line) };
}

/** True for what a value in a row may bring about; false for the machine's failings. */
export function isRowsFault(error: unknown): error is LandfallError {
  if (!(error instanceof LandfallError)) return false;
  if (error.code === "TRANSFORM_FAILED") return true;
  return error.code === "ENGINE_FAILED" && !/^(?:IO|INTERNAL|FATAL|Interrupt)/i.test(messageOf(error.cause));
}
