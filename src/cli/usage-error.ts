/** What the argument parser refuses, as an error like any other: with its code, the nearest that there is, and as JSON where asked for. */
import type { CommanderError } from "commander";
import { LandfallError } from "../base/landfall-error.ts";
import { nearest } from "../base/nearest.ts";
import { OTHER_NAMES } from "../declaration/not-yet.ts";
import { declarationOptions } from "../declaration/options.ts";

/** `command` is what was called, such as `landfall table show`, and `flags` its own. */
export function usageError(
  error: CommanderError,
  options: { readonly command: string; readonly flags: readonly string[] },
): LandfallError {
  const [said = ""] = error.message.replace(/^error: /, "").split("\n");
  const message = `${said.charAt(0).toUpperCase()}${said.slice(1).replace(/\.$/, "")}.`;
  const unknown = /^unknown option '(--[^'=]+)/.exec(said)?.[1];
  const meant = unknown === undefined ? undefined : meantFlag(unknown, options.flags);
  const suggestion = meant ?? /Did you mean (.+)\?\)/.exec(error.message)?.[1];
  return new LandfallError("USAGE", {
    message,
    hint: `${suggestion === undefined ? "" : `Did you mean ${suggestion}? `}\`${options.command} --help\` shows what there is.`,
  });
}

/** By its spelling, or by what Auto Loader and Spark call it. */
function meantFlag(flag: string, flags: readonly string[]): string | undefined {
  const other = OTHER_NAMES.get(flag.slice(2).replaceAll("-", "").toLowerCase());
  const named = declarationOptions().find(({ key }) => key === other)?.flag;
  return named ?? nearest(flag, flags) ?? flags.find((known) => flag.startsWith(known) && known.length > 4);
}
