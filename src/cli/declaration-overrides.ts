/** Flags and environment variables as overrides of the declaration: flag > variable > file > default. */
import type { Override } from "../declaration/overrides.ts";
import { declarationOptions } from "../declaration/options.ts";

/** What the argument parser gives: by flag name in camel case. */
export interface DeclarationFlags {
  readonly json?: true;
  readonly state?: string;
  readonly [flag: string]: string | boolean | undefined;
}

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
    if (flag === undefined) continue;
    const value =
      flags[flag.slice(2).replaceAll(/-([a-z])/g, (_match, letter: string) => letter.toUpperCase())];
    if (value !== undefined) said.push({ key, text: String(value), from: flag });
  }
  for (const [flag, text] of Object.entries(triggersOf(flags)))
    said.push({ key: "trigger", text, from: flag });
  return said;
}

/** The trigger by the flags that have a name of their own. */
function triggersOf({ watch, every, once }: DeclarationFlags): Readonly<Record<string, string>> {
  return {
    ...(watch === true ? { "--watch": "continuous" } : {}),
    ...(typeof every === "string" ? { "--every": `every=${every}` } : {}),
    ...(once === true ? { "--once": "availableNow" } : {}),
  };
}
