/** Programs in JavaScript, too, are told of an option that there is not: passed over, `delete({ were: "…" })` would delete all rows. */
import { LandfallError } from "./landfall-error.ts";
import { nearest } from "./nearest.ts";

/** All that an object of options may have; the compiler knows that none is missing. */
export type OptionNames<Options> = Readonly<Record<keyof Options, true>>;

/**
 * @param call what messages call it, such as `table.delete`
 * @throws LandfallError USAGE for an option that is not known, and for options that are no object
 */
export function checkOptions<Options extends object>(
  call: string,
  options: Options | undefined,
  names: OptionNames<Options>,
): void {
  if (options === undefined) return;
  const given: unknown = options;
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new LandfallError("USAGE", {
      message: `${call} takes its options as an object, and was given ${shown(given)}.`,
      hint: `There are ${Object.keys(names).join(", ")}.`,
    });
  }
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(names, name));
  if (unknown === undefined) return;
  const near = nearest(unknown, Object.keys(names));
  throw new LandfallError("USAGE", {
    message: `${call} has no option ${JSON.stringify(unknown)}.`,
    hint: near === undefined ? `There are ${Object.keys(names).join(", ")}.` : `Did you mean ${near}?`,
  });
}

function shown(value: unknown): string {
  if (typeof value === "string") return `the text ${JSON.stringify(value)}`;
  return Array.isArray(value) ? "a list" : String(value);
}
