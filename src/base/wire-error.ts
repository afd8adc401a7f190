/** Errors across threads and processes: structured clone keeps neither class nor code. */
import { LandfallError, messageOf, type ErrorSubject } from "./landfall-error.ts";
import type { ErrorCode } from "./error-codes.ts";

export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string | undefined;
  readonly subject: ErrorSubject;
  readonly cause: unknown;
}

/** Anything that was thrown, as plain data; what is no LandfallError is a fault of ours. */
export function toWire(error: unknown): WireError {
  if (error instanceof LandfallError) {
    const { code, message, hint, subject, cause } = error;
    return { code, message, hint, subject, cause: plainCause(cause) };
  }
  const message = messageOf(error);
  return { code: "INTERNAL", message, hint: undefined, subject: {}, cause: plainCause(error) };
}

export function fromWire({ code, message, hint, subject, cause }: WireError): LandfallError {
  return new LandfallError(code, { ...subject, message, cause, ...(hint === undefined ? {} : { hint }) });
}

/** Structured clone keeps the message and stack of an Error, and refuses some of what errors carry along. */
function plainCause(cause: unknown): unknown {
  if (!(cause instanceof Error)) return cause === undefined ? undefined : messageOf(cause);
  const plain = new Error(cause.message);
  if (cause.stack !== undefined) plain.stack = cause.stack;
  return plain;
}
