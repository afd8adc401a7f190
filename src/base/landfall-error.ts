import { ERROR_CODES, type ErrorCode } from "./error-codes.ts";
import { ERROR_REMEDIES } from "./error-remedies.ts";

/** What an error is about; each field is printed with its name. */
export interface ErrorSubject {
  readonly pipeline?: string;
  readonly batch?: number;
  readonly file?: string;
  readonly table?: string;
  readonly version?: number;
}

export interface LandfallErrorOptions extends ErrorSubject {
  /** What failed, on which file, table or version, in one sentence. */
  readonly message: string;
  /** What to do next, in one sentence. Left out: what helps with errors of this code in general. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/**
 * The one error class of Landfall. `code` says what happened, `retryable` whether running again may help, `hint` what to do.
 * Foreign errors are translated once, by the adapter that met them, and kept as `cause`.
 */
export class LandfallError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly subject: ErrorSubject;

  constructor(code: ErrorCode, options: LandfallErrorOptions) {
    const { message, hint, cause, ...subject } = options;
    super(message, cause === undefined ? undefined : { cause });
    this.name = "LandfallError";
    this.code = code;
    this.hint = hint ?? ERROR_REMEDIES[code];
    this.subject = subject;
  }

  get exitCode(): number {
    return ERROR_CODES[this.code].exit;
  }

  get retryable(): boolean {
    return ERROR_CODES[this.code].retryable;
  }
}

/** True for an error of this code; for `catch` blocks that decide. */
export function isLandfallError(error: unknown, code?: ErrorCode): error is LandfallError {
  return error instanceof LandfallError && (code === undefined || error.code === code);
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The system error code (`ENOENT`, `EACCES`, …) of anything that was thrown, if it has one. */
export function systemCodeOf(error: unknown): string | undefined {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  return undefined;
}
