import { LandfallError } from "../../base/landfall-error.ts";
import { writerFeaturesOf } from "../../delta/features.ts";
import type { TableState } from "../../delta/table-state.ts";

/** @throws LandfallError TABLE_APPEND_ONLY where no row may be changed or taken out (PROTOCOL.md, "Append-only Tables") */
export function refuseAppendOnly(state: Pick<TableState, "protocol" | "metadata">, operation: string): void {
  const { protocol, metadata } = state;
  const isOn = metadata.configuration["delta.appendOnly"]?.toLowerCase() === "true";
  if (!isOn || !writerFeaturesOf(protocol).includes("appendOnly")) return;
  throw new LandfallError("TABLE_APPEND_ONLY", {
    message: `${operation} is refused: the table takes new rows only (delta.appendOnly).`,
    hint: "Append the rows that are to hold from now on, or take the property off the table first.",
  });
}
