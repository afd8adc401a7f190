import process from "node:process";
import { LandfallError } from "../base/landfall-error.ts";

/** 128 + the signal's number, as shells do. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

export interface StopSignal {
  readonly signal: AbortSignal;
  /** Undefined while no signal has come. */
  exitCode(): number | undefined;
  dispose(): void;
}

/** The first signal asks for a clean stop; the second stops at once, which is safe: a crash at any point is. */
export function stopSignal(notice: (text: string) => void): StopSignal {
  const abort = new AbortController();
  let code: number | undefined;
  const onSignal = (name: "SIGINT" | "SIGTERM"): void => {
    if (code !== undefined) process.exit(EXIT_CODES[name]);
    code = EXIT_CODES[name];
    notice("stopping after what is under way; once more stops at once, and loses nothing either");
    abort.abort(
      new LandfallError("ABORTED", { message: `Stopped by ${name}.`, hint: "Run again to go on." }),
    );
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    signal: abort.signal,
    exitCode: () => code,
    dispose() {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}
