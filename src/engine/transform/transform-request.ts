/** What the steps of a transform work on. */
import type { StageRequest, StageResult } from "../engine.ts";
import type { StageContext } from "../stage-text.ts";
import type { BatchTransform } from "./batch-transform.ts";

export type TransformRequest = StageRequest & { readonly transform: BatchTransform };

export interface TransformContext extends StageContext {
  /** Stages without a transform. */
  readonly stage: (request: StageRequest, context: StageContext) => Promise<StageResult>;
}
