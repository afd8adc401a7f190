/** The declaration's options as a list, for flags, environment names and the reference page; and its JSON Schema for editors. */
import { z } from "zod";
import type { JsonValue } from "../base/lossless-json.ts";
import { FORMATS } from "../formats/format-options.ts";
import type { OptionKind } from "../formats/option.ts";
import { declarationShape } from "./declaration.ts";

/** One option of the declaration. */
export interface DeclarationOption {
  /** Dotted, as in messages: `source.format`. */
  readonly key: string;
  /** `""` for the top level. */
  readonly section: string;
  readonly kind: OptionKind;
  readonly required: boolean;
  /** As people write it; undefined where there is none or where it depends on the machine. */
  readonly default: JsonValue | undefined;
  readonly description: string;
  /** The values of a `choice`. */
  readonly values: readonly string[];
  /** `--on-overwrite`, `--csv-sep` for a format's; undefined for the locations, which are arguments, and for rules, which are SQL. */
  readonly flag: string | undefined;
  /** `LANDFALL_ON_OVERWRITE`; undefined where `flag` is. */
  readonly env: string | undefined;
}

/** A section with its meaning, in the order of the declaration; `""` is the top level. */
export interface DeclarationSection {
  readonly key: string;
  readonly description: string;
  readonly required: boolean;
}

/** The JSON Schema (2020-12) of what people write: defaults may be left out, unknown keys are refused. */
export function declarationJsonSchema(): { readonly [key: string]: JsonValue } {
  return jsonSchema((schema) => {
    delete schema["kind"];
  });
}

// The shape never changes while the program runs, and a file full of unknown keys asks for its options once for each.
let options: readonly DeclarationOption[] | undefined;
let sections: readonly DeclarationSection[] | undefined;

/** Every option, in the order of the declaration. */
export function declarationOptions(): readonly DeclarationOption[] {
  options ??= collectOptions();
  return options;
}

/** Every section, the top level first. */
export function declarationSections(): readonly DeclarationSection[] {
  sections ??= collectSections();
  return sections;
}

function collectOptions(): DeclarationOption[] {
  return entriesOf(declarationShape).flatMap(([name, field]) =>
    isSection(field)
      ? entriesOf(field.bare).map(([inner, innerField]) => optionOf(name, inner, innerField))
      : [optionOf("", name, field)],
  );
}

function collectSections(): DeclarationSection[] {
  const sections = entriesOf(declarationShape)
    .filter(([, field]) => isSection(field))
    .map(([key, { isRequired, said }]) => ({
      key,
      required: isRequired,
      description: said.description ?? "",
    }));
  return [{ key: "", required: false, description: "" }, ...sections];
}

/**
 * What a flag's or environment variable's text stands for: a boolean, a number, a list (parted by commas), a map (`key=value`
 * parted by commas), a trigger (`every=30s`, `cron=0 6 * * *`) or the text itself. Text that does not fit the kind is left as it is, for the check to refuse.
 */
export function optionValue(options: { readonly kind: OptionKind; readonly text: string }): JsonValue {
  const { kind, text } = options;
  if (kind === "boolean") return text === "true" ? true : text === "false" ? false : text;
  if (kind === "count") return /^-?[0-9]+$/.test(text) ? Number(text) : text;
  if (kind === "list") return text === "" ? [] : text.split(",").map((part) => part.trim());
  if (kind === "trigger") {
    const [, key, rest] = /^(every|cron)=(.*)$/s.exec(text) ?? [];
    return key === undefined ? text : { [key]: rest! };
  }
  if (kind !== "map") return text;
  const entries = text.split(",").map((part) => /^([^=]*)=(.*)$/s.exec(part));
  if (!entries.every((entry) => entry !== null)) return text;
  return Object.fromEntries(entries.map((entry) => [entry[1]!.trim(), entry[2]!.trim()]));
}

function jsonSchema(change: (schema: Record<string, unknown>) => void): {
  readonly [key: string]: JsonValue;
} {
  return z.toJSONSchema(declarationShape, {
    io: "input",
    override: ({ jsonSchema }) => change(jsonSchema),
  }) as unknown as { readonly [key: string]: JsonValue };
}

/** One key of a shape. */
interface Field {
  /** What people write, without what says that it may be left out. */
  readonly bare: z.core.$ZodType;
  readonly isRequired: boolean;
  readonly default: JsonValue | undefined;
  /** What `meta` says of it. */
  readonly said: { readonly kind?: OptionKind; readonly description?: string };
}

// Walked by hand: asking for the JSON Schema takes as long as reading the files of a small run, and every command line needs the flags.
function entriesOf(shape: z.core.$ZodType): (readonly [name: string, field: Field])[] {
  return Object.entries((shape as z.ZodObject).shape).map(([name, type]) => [name, fieldOf(type)]);
}

function fieldOf(type: z.core.$ZodType): Field {
  const said = z.globalRegistry.get(type) as Field["said"] | undefined;
  let bare = type;
  let preset: JsonValue | undefined;
  for (;;) {
    const { def } = bare._zod as {
      def: { innerType?: z.core.$ZodType; in?: z.core.$ZodType; defaultValue?: JsonValue };
    };
    const inner = def.innerType ?? def.in;
    if (inner === undefined) break;
    preset ??= def.defaultValue;
    bare = inner;
  }
  return { bare, isRequired: type._zod.optin === undefined, default: preset, said: said ?? {} };
}

function isSection({ bare }: Field): boolean {
  return bare instanceof z.ZodObject;
}

function optionOf(section: string, name: string, field: Field): DeclarationOption {
  const { bare, isRequired, said } = field;
  const kind = said.kind!;
  const long = isShared(section, name) ? `${section}-${name}` : name;
  const words = long
    .replaceAll(".", "-")
    .replaceAll(/[A-Z]+(?![a-z])|[A-Z]/g, (word) => `-${word.toLowerCase()}`);
  const named = kind !== "location" && kind !== "rules";
  return {
    key: section === "" ? name : `${section}.${name}`,
    section,
    kind,
    required: isRequired,
    default: field.default,
    description: said.description ?? "",
    values: valuesOf(bare),
    flag: named ? `--${words}` : undefined,
    env: named ? `LANDFALL_${words.toUpperCase().replaceAll("-", "_")}` : undefined,
  };
}

/** Of a choice; a word and the value that it stands for are one. */
function valuesOf(bare: z.core.$ZodType): string[] {
  if (bare instanceof z.ZodEnum) return bare.options.map(String);
  return bare instanceof z.ZodLiteral ? [...new Set([...bare.values].map(String))] : [];
}

/** Sections that share the names of their options with others; `jsonPath` says its format itself. */
const SHARING: readonly string[] = [...FORMATS, "archive", "quarantine"];

function isShared(section: string, name: string): boolean {
  return SHARING.includes(section) && !name.startsWith(section);
}
