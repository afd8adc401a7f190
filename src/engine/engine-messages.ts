/** What the program and the engine's process say to each other. Everything survives structured cloning. */
import { LandfallError, type ErrorSubject, messageOf } from "../base/landfall-error.ts";
import { ERROR_CODES, type ErrorCode } from "../base/error-codes.ts";
import type { EngineOptions, StageProgress } from "./engine.ts";

/** The calls of the engine's port that are sent as they are. */
export const ENGINE_METHODS = ["stage", "query", "toJsonLines", "fromJsonLines"] as const;
export type EngineMethod = (typeof ENGINE_METHODS)[number];

export type ToEngine =
  | { readonly type: "open"; readonly options: EngineOptions }
  | { readonly type: "call"; readonly id: number; readonly method: EngineMethod; readonly request: unknown }
  | { readonly type: "cancel"; readonly id: number };

export type FromEngine =
  | { readonly type: "answer"; readonly id: number; readonly value: unknown }
  | { readonly type: "failure"; readonly id: number; readonly error: ErrorMessage }
  | { readonly type: "progress"; readonly id: number; readonly progress: StageProgress }
  /** Sent while the process can still run JavaScript: a process that is silent for too long hangs. */
  | { readonly type: "alive" };

/** An error on its way between processes. */
export interface ErrorMessage {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
  readonly subject: ErrorSubject;
  readonly stack?: string;
}

export function errorMessage(error: unknown): ErrorMessage {
  if (error instanceof LandfallError) {
    const { code, message, hint, subject, stack } = error;
    return { code, message, subject, ...(hint === undefined ? {} : { hint }), ...(stack ? { stack } : {}) };
  }
  const stack = error instanceof Error ? error.stack : undefined;
  return { code: "INTERNAL", message: messageOf(error), subject: {}, ...(stack ? { stack } : {}) };
}

export function errorFromMessage(message: ErrorMessage): LandfallError {
  const code: ErrorCode = message.code in ERROR_CODES ? message.code : "INTERNAL";
  return new LandfallError(code, {
    message: message.message,
    ...message.subject,
    ...(message.hint === undefined ? {} : { hint: message.hint }),
    ...(message.stack === undefined ? {} : { cause: new Error(message.stack) }),
  });
}
