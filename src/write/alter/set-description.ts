import { NOTHING_READ } from "../../delta/conflicts/read-set.ts";
import type { TableState } from "../../delta/table-state.ts";
import type { WritePlan } from "../write-plan.ts";

/** Undefined where the table has it like that already. */
export function planDescription({ metadata }: TableState, description: string | null): WritePlan | undefined {
  const { description: before, ...rest } = metadata;
  if ((before ?? null) === description) return undefined;
  return {
    actions: [{ metaData: description === null ? rest : { ...rest, description } }],
    reads: NOTHING_READ,
    operation: "SET TBLPROPERTIES",
    operationParameters: { properties: JSON.stringify({ comment: description }) },
    operationMetrics: {},
    written: [],
  };
}
