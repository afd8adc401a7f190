/** The error of a transform that rows of the batch make fail. */
import { LandfallError } from "../../base/landfall-error.ts";
import type { StageResult } from "../engine.ts";
import { readableError } from "./readable-error.ts";
import type { TransformContext, TransformRequest } from "./stage-transformed.ts";
import { titleOf } from "./batch-transform.ts";

export async function transformFailed(
  request: TransformRequest,
  _context: TransformContext,
  { error }: { readonly batch: StageResult; readonly error: LandfallError },
): Promise<LandfallError> {
  return new LandfallError("TRANSFORM_FAILED", {
    message: `${titleOf(request.transform)} failed: ${readableError(error).text}.`,
    hint: "Nothing was committed.",
    cause: error,
  });
}
