/** What is wrong in a declaration, in words: zod's issues turned into sentences that name the option, the value and the way out. */
import { BACKFILL_KEYS } from "./backfill.ts";
import { MARKER_KEYS } from "./marker.ts";
import type { z } from "zod";
import { isJsonObject, stringifyJson, type JsonValue } from "../base/lossless-json.ts";
import { nearest } from "../base/nearest.ts";
import { KEYS_NOT_YET, OTHER_NAMES, withoutPrefix } from "./not-yet.ts";
import { declarationOptions, declarationSections } from "./options.ts";

export type MistakePath = readonly (string | number)[];

/** One mistake, by the path of its key. */
export interface Mistake {
  readonly path: MistakePath;
  /** Whether the key or its value is wrong. */
  readonly at: "key" | "value";
  readonly message: string;
  /** What to write instead: a key or a value. */
  readonly didYouMean?: string;
  readonly hint?: string;
  /** Where in a text value, in UTF-16 units. */
  readonly offset?: number;
  /** The key is not there. */
  readonly missing?: true;
  /** The full name of the key that was probably meant. */
  readonly meantKey?: string;
}

/** `table.partitionBy[0]`. */
export function nameOf(path: MistakePath): string {
  return path.reduce<string>(
    (name, part) => (typeof part === "number" ? `${name}[${part}]` : name === "" ? part : `${name}.${part}`),
    "",
  );
}

/** A value in a sentence: `the text "x"`, `the number 3`, `a list`. */
export function describeValue(value: unknown): string {
  if (typeof value === "string") return `the text ${JSON.stringify(shortened(value))}`;
  if (typeof value === "number" || typeof value === "bigint") return `the number ${value}`;
  if (typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return "a list";
  if (value === null || value === undefined) return "nothing";
  return "a mapping of keys";
}

/** The mistakes that zod found in a declaration. */
export function issueMistakes(options: {
  readonly issues: readonly z.core.$ZodIssue[];
  readonly value: JsonValue;
}): Mistake[] {
  return options.issues.flatMap((issue) => {
    const path = issue.path.filter((part) => typeof part !== "symbol");
    if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey([...path, key]));
    const value = valueAt(options.value, path);
    if (value === undefined) {
      return [{ path, at: "key", message: `${nameOf(path)} is missing`, missing: true } satisfies Mistake];
    }
    return [{ path, at: "value", ...wrongValue(issue, nameOf(path), value) } satisfies Mistake];
  });
}

function unknownKey(path: MistakePath): Mistake {
  const key = String(path.at(-1));
  const section = nameOf(path.slice(0, -1));
  const message = `unknown key ${JSON.stringify(shortened(key))}${section === "" ? "" : ` in ${section}`}`;
  if (key === "<<")
    return { path, at: "key", message: "merge keys (<<) are not supported", hint: "Write the keys out." };
  const known = [...keysOf(section), ...(KEYS_NOT_YET[section] ?? [])];
  const near = nearest(key, known);
  if (near !== undefined) {
    const meantKey = section === "" ? near : `${section}.${near}`;
    return { path, at: "key", message, didYouMean: near, meantKey };
  }
  const elsewhere = homeOf(key);
  return elsewhere === undefined
    ? { path, at: "key", message, hint: `Known here: ${keysOf(section).join(", ")}.` }
    : { path, at: "key", message, didYouMean: elsewhere, meantKey: elsewhere };
}

/** Of options that are mappings with keys of their own. */
const KEYS_OF_VALUES: Readonly<Record<string, readonly string[]>> = {
  "source.marker": MARKER_KEYS,
  "source.backfill": BACKFILL_KEYS,
};

function keysOf(section: string): readonly string[] {
  const own = KEYS_OF_VALUES[section];
  if (own !== undefined) return own;
  const options = declarationOptions().filter((option) => option.section === section);
  const sections = section === "" ? declarationSections().map((inner) => inner.key) : [];
  const start = section === "" ? 0 : section.length + 1;
  return [...options.map((option) => option.key.slice(start)), ...sections].filter((key) => key !== "");
}

/** The option of this name in another section, or what a neighbouring system means by it. */
function homeOf(key: string): string | undefined {
  const plain = withoutPrefix(key).toLowerCase();
  const homes = declarationOptions().filter((option) => option.key.toLowerCase().endsWith(`.${plain}`));
  return OTHER_NAMES.get(plain) ?? (homes.length === 1 ? homes[0]!.key : undefined);
}

type Said = Pick<Mistake, "message" | "didYouMean" | "hint" | "offset">;

function wrongValue(issue: z.core.$ZodIssue, name: string, value: JsonValue): Said {
  const { code } = issue;
  if (code === "invalid_type") return wrongType(issue.expected, name, value);
  if (code === "invalid_value") return wrongChoice([...new Set(issue.values.map(String))], name, value);
  if (code === "too_small" && value === "")
    return { message: `${name} must not be empty`, hint: "Give it a value or leave it out." };
  if (code === "too_small") {
    return { message: `${name} must be at least ${issue.minimum}, not ${describeValue(value)}` };
  }
  if (code === "too_big") {
    return { message: `${name} must be at most ${issue.maximum}, not ${describeValue(value)}` };
  }
  if (code === "custom") return { message: `${name} ${issue.message}`, ...saidBy(issue.params) };
  if (code === "invalid_union") {
    // Of what one text might be, the words that are known.
    const known = issue.errors
      .flat()
      .flatMap((inner) => (inner.code === "invalid_value" ? inner.values : []));
    const near = typeof value === "string" ? nearest(value, known.map(String)) : undefined;
    const message = `${name} ${issue.message}, not ${describeValue(value)}`;
    return near === undefined ? { message } : { message, didYouMean: near };
  }
  if (code === "invalid_key") {
    return { message: `${name}: a key ${issue.issues[0]?.message ?? issue.message}` };
  }
  return { message: `${name} ${issue.message}` };
}

function saidBy(params: Record<string, unknown> | undefined): Partial<Said> {
  const { hint, offset, suggestion } = params ?? {};
  return {
    ...(typeof hint === "string" ? { hint } : {}),
    ...(typeof offset === "number" ? { offset } : {}),
    ...(typeof suggestion === "string" ? { didYouMean: suggestion } : {}),
  };
}

const EXPECTED: Readonly<Record<string, string>> = {
  string: "text",
  boolean: "true or false",
  number: "a whole number",
  int: "a whole number",
  array: "a list",
  object: "a mapping of keys",
  record: "a mapping of keys",
};

function wrongType(expected: string, name: string, value: JsonValue): Said {
  const message = `${name} must be ${EXPECTED[expected] ?? expected}, not ${describeValue(value)}`;
  if (expected === "string" && !isJsonObject(value) && !Array.isArray(value)) {
    return { message, hint: `Write it in quotes: ${JSON.stringify(stringifyJson(value))}.` };
  }
  if (expected === "array" && typeof value === "string")
    return { message, didYouMean: `[${shortened(value)}]` };
  if (expected !== "boolean" || typeof value !== "string") return { message };
  // Words that were booleans in YAML 1.1.
  if (/^(?:yes|on|y|true)$/i.test(value)) return { message, didYouMean: "true" };
  if (/^(?:no|off|n|false)$/i.test(value)) return { message, didYouMean: "false" };
  return { message };
}

function wrongChoice(values: readonly string[], name: string, value: JsonValue): Said {
  const offered = values.length === 1 ? values[0]! : `one of ${values.join(", ")}`;
  const message = `${name} must be ${offered}, not ${describeValue(value)}`;
  const near = typeof value === "string" ? nearest(value, values) : undefined;
  return near === undefined ? { message } : { message, didYouMean: near };
}

function valueAt(value: JsonValue, path: MistakePath): JsonValue | undefined {
  let at: JsonValue | undefined = value;
  for (const part of path) {
    if (Array.isArray(at)) at = (at as readonly JsonValue[])[Number(part)];
    else at = isJsonObject(at) && Object.hasOwn(at, part) ? at[part] : undefined;
  }
  return at;
}

function shortened(text: string): string {
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
