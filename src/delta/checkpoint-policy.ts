import type { Metadata, Protocol } from "./actions.ts";
import { writerFeaturesOf } from "./features.ts";

/**
 * Whether the table's checkpoints follow the V2 spec and have a UUID in their name: it asks for that, and has the feature that allows it
 * (PROTOCOL.md, "V2 Checkpoint Table Feature").
 */
export function wantsV2Checkpoints(table: {
  readonly protocol: Protocol;
  readonly metadata: Metadata;
}): boolean {
  return (
    table.metadata.configuration["delta.checkpointPolicy"]?.toLowerCase() === "v2" &&
    writerFeaturesOf(table.protocol).includes("v2Checkpoint")
  );
}
