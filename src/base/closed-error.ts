import { LandfallError } from "./landfall-error.ts";

/** For whoever still waits, or asks again, when its pipeline or table has been closed. */
export function closedError(what: "pipeline" | "table"): LandfallError {
  return new LandfallError("ABORTED", {
    message: `The ${what} was closed.`,
    hint: "Nothing is lost: open it again to go on.",
  });
}
