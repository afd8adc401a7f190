/** The error of a transform that rows of the batch make fail: which rows, and why. */
import { isLandfallError, LandfallError } from "../../base/landfall-error.ts";
import { formatCount } from "../../base/units.ts";
import type { StageResult } from "../engine.ts";
import { titleOf } from "./batch-transform.ts";
import { locateRows, type Located } from "./locate-rows.ts";
import { readableError } from "./readable-error.ts";
import { TransformLimitError } from "./transform-limit-error.ts";
import type { TransformContext, TransformRequest } from "./transform-request.ts";

/** `error` is the fault of rows. */
export async function transformFailed(
  request: TransformRequest,
  context: TransformContext,
  { batch, error }: { readonly batch: StageResult; readonly error: LandfallError },
): Promise<LandfallError> {
  if (error instanceof TransformLimitError) return error;
  const located = await locateRows(request, context, batch).catch((failure: unknown) => {
    // The failure to be told is the first one; that its rows were not found is the lesser.
    context.signal?.throwIfAborted();
    if (isLandfallError(failure, "ENGINE_DIED")) throw failure;
    return undefined;
  });
  const { transform } = request;
  const { text } = readableError(error, transform);
  return new LandfallError("TRANSFORM_FAILED", {
    message: `${titleOf(transform)} failed${placesOf(located, text)}`,
    hint: `Nothing was committed. ${wayOut(transform.kind, text)}`,
    cause: error,
  });
}

function placesOf(located: Located | undefined, text: string): string {
  switch (located?.kind) {
    case undefined:
      return `: ${text}.`;
    case "always":
      return `, whatever the rows are: ${text}.`;
    case "together":
      return located.isCut
        ? `: ${text}. Among the rows that were tried, none brings it about alone.`
        : `: ${text}. No row of the batch brings it about alone: it fails only over many of them together.`;
    case "rows": {
      const { rows, isCut } = located;
      const count = `${formatCount(rows.length)} ${rows.length === 1 ? "row" : "rows"}`;
      const lines = rows.map(
        ({ file, record, content, reason }) => `\n  ${file}, record ${record}: ${reason}: ${content}`,
      );
      return ` on ${isCut ? `at least ${count}` : count} of the batch:${lines.join("")}`;
    }
  }
}

function wayOut(kind: TransformRequest["transform"]["kind"], text: string): string {
  if (kind === "module") return "Mend the module, or the files, and run again.";
  if (/INT128/.test(text) && /INT64/.test(text))
    return "A sum that 64 bits do not hold needs a wider column: CAST(… AS DECIMAL(38,0)).";
  return "Mend the files, or let the transform take such rows: TRY_CAST gives null where CAST fails, WHERE leaves rows out.";
}
