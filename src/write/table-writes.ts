import { setProperties, type SetPropertiesOptions } from "./set-properties.ts";
import type { WriteContext } from "./write-context.ts";
import type { CommittedWrite } from "./write-plan.ts";

/**
 * What changes a table. Each call is one commit at most, and answers once it stands; undefined where there was nothing to do. A conflict with
 * another writer is planned anew, and rejects with its class (`CONFLICT_…`) where it does not end.
 */
export interface TableWrites {
  /** Sets table properties, and takes away those that are null. */
  setProperties(
    properties: Readonly<Record<string, string | null>>,
    options?: SetPropertiesOptions,
  ): Promise<CommittedWrite | undefined>;
}

export function tableWrites(context: WriteContext): TableWrites {
  return {
    setProperties: (properties, options) => setProperties(context, properties, options),
  };
}
