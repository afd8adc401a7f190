/** Flags and environment variables as overrides of the declaration: flag > variable > file > default. */
import { LandfallError } from "../base/landfall-error.ts";
import type { Override } from "../declaration/overrides.ts";
import { declarationOptions } from "../declaration/options.ts";

/** What the argument parser gives: by flag name in camel case. */
export interface DeclarationFlags {
  readonly json?: true;
  readonly state?: string;
  readonly [flag: string]: string | boolean | undefined;
}

/** @throws LandfallError USAGE where two flags say when the pipeline runs */
export function declarationOverrides(
  flags: DeclarationFlags,
  env: Readonly<Record<string, string | undefined>>,
): Override[] {
  const said: Override[] = [];
  for (const { key, env: variable } of declarationOptions()) {
    const text = variable === undefined ? undefined : env[variable];
    if (text !== undefined && text !== "") said.push({ key, text, from: variable! });
  }
  for (const { key, flag } of declarationOptions()) {
    // It is said below, with the others that say when.
    if (flag === undefined || key === "trigger") continue;
    const value =
      flags[flag.slice(2).replaceAll(/-([a-z])/g, (_match, letter: string) => letter.toUpperCase())];
    if (value !== undefined) said.push({ key, text: String(value), from: flag });
  }
  const triggers = Object.entries(triggersOf(flags));
  if (triggers.length > 1) {
    const named = triggers.map(([flag]) => flag).join(" and ");
    throw new LandfallError("USAGE", {
      message: `${named} each say when the pipeline runs.`,
      hint: "Say one of them.",
    });
  }
  for (const [flag, text] of triggers) said.push({ key: "trigger", text, from: flag });
  return said;
}

/** The trigger by its flag and by those that have a name of their own. */
function triggersOf({ trigger, watch, every, once }: DeclarationFlags): Readonly<Record<string, string>> {
  return {
    ...(typeof trigger === "string" ? { "--trigger": trigger } : {}),
    ...(watch === true ? { "--watch": "continuous" } : {}),
    ...(typeof every === "string" ? { "--every": `every=${every}` } : {}),
    ...(once === true ? { "--once": "availableNow" } : {}),
  };
}
