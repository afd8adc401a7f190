import { LandfallError } from "../base/landfall-error.ts";
import type { DeclarationFlags } from "./declaration-overrides.ts";

/** @throws LandfallError USAGE for a flag that says something of a full refresh where none is asked for */
export function refuseRefreshFlags(flags: DeclarationFlags): void {
  if (flags["fullRefresh"] === true) return;
  const given = { refreshRows: "--refresh-rows", allowLostRows: "--allow-lost-rows", yes: "--yes" };
  for (const [name, flag] of Object.entries(given))
    if (flags[name] !== undefined)
      throw new LandfallError("USAGE", {
        message: `${flag} says something of a full refresh, and none is asked for.`,
        hint: "Add --full-refresh, or leave it out.",
      });
}
