/** Programs in JavaScript, too, are told of an option that there is not: passed over, `delete({ were: "…" })` would delete all rows. */
import { LandfallError } from "./landfall-error.ts";
import { nearest } from "./nearest.ts";

interface Kind {
  readonly words: string;
  readonly isOne: (value: unknown) => boolean;
}

const isText = (value: unknown): boolean => typeof value === "string";
const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);

/** What an option may be. `any`: whoever reads it judges it. */
const KINDS = {
  text: { words: "a text", isOne: isText },
  textOrNull: { words: "a text or null", isOne: (value) => value === null || isText(value) },
  texts: { words: "a list of texts", isOne: isTexts },
  list: { words: "a list", isOne: (value) => Array.isArray(value) },
  textOrTexts: { words: "a text or a list of texts", isOne: (value) => isText(value) || isTexts(value) },
  textsByName: {
    words: "an object of texts",
    isOne: (value) => isObject(value) && Object.values(value).every(isText),
  },
  textsOrNullByName: {
    words: "an object of texts and nulls",
    isOne: (value) => isObject(value) && Object.values(value).every((one) => one === null || isText(one)),
  },
  textOrObject: { words: "a text or an object", isOne: (value) => isText(value) || isObject(value) },
  flag: { words: "true or false", isOne: (value) => typeof value === "boolean" },
  number: { words: "a number", isOne: (value) => typeof value === "number" && !Number.isNaN(value) },
  integer: {
    words: "a whole number of 64 bits",
    isOne: (value) =>
      typeof value === "bigint" ? BigInt.asIntN(64, value) === value : Number.isSafeInteger(value),
  },
  function: { words: "a function", isOne: (value) => typeof value === "function" },
  signal: { words: "an AbortSignal", isOne: (value) => value instanceof AbortSignal },
  any: { words: "anything", isOne: () => true },
} satisfies Readonly<Record<string, Kind>>;

/** A kind, or the texts of which it is one. */
export type OptionKind = keyof typeof KINDS | readonly string[];

/** All that an object of options may have; the compiler knows that none is missing. */
export type OptionKinds<Options> = Readonly<Record<keyof Options, OptionKind>>;

/**
 * @param call what messages call it, such as `table.delete`
 * @throws LandfallError USAGE for an option that is not known, or of another kind, and for options that are no object
 */
export function checkOptions<Options extends object>(
  call: string,
  options: Options | undefined,
  kinds: OptionKinds<Options>,
): void {
  if (options === undefined) return;
  const names = Object.keys(kinds);
  const hint = `There are ${names.join(", ")}.`;
  const given: unknown = options;
  if (!isObject(given))
    throw usage(`The options of ${call} must be an object; given was ${shown(given)}.`, hint);
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(kinds, name)) {
      const near = nearest(name, names);
      const did = near === undefined ? hint : `Did you mean ${near}?`;
      throw usage(`There is no option ${JSON.stringify(name)} of ${call}.`, did);
    }
    if (value !== undefined) checkArgument(`${name} of ${call}`, value, kinds[name as keyof Options]);
  }
}

/** @throws LandfallError USAGE where one of them is missing */
export function demandOptions<Options extends object>(
  call: string,
  options: Options | undefined,
  names: readonly (keyof Options & string)[],
): void {
  const missing = names.find((name) => options?.[name] === undefined);
  if (missing !== undefined)
    throw usage(`The option ${missing} of ${call} is missing.`, "Say it among its options.");
}

/** @param what as messages call it @throws LandfallError USAGE for a value of another kind */
export function checkArgument(what: string, value: unknown, kind: OptionKind): void {
  const { words, isOne }: Kind =
    typeof kind === "string"
      ? KINDS[kind]
      : {
          words: kind.map((text) => JSON.stringify(text)).join(" or "),
          isOne: (one) => kind.includes(one as string),
        };
  if (!isOne(value)) throw usage(`${what} must be ${words}; given was ${shown(value)}.`, `Give it ${words}.`);
}

function usage(message: string, hint: string): LandfallError {
  return new LandfallError("USAGE", { message, hint });
}

function shown(value: unknown): string {
  if (typeof value === "string") return `the text ${JSON.stringify(value)}`;
  if (Array.isArray(value)) return "a list";
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  return "an object";
}
