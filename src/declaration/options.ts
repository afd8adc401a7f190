/** The declaration's options as a list, for flags, environment names and the reference page; and its JSON Schema for editors. */
import { z } from "zod";
import { isJsonObject, type JsonValue } from "../base/lossless-json.ts";
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
  const root = jsonSchema(() => undefined);
  const options: DeclarationOption[] = [];
  for (const [name, property, required] of propertiesOf(root)) {
    if (!isSection(property)) {
      options.push(optionOf({ section: "", name, property, required }));
      continue;
    }
    for (const [inner, innerProperty, innerRequired] of propertiesOf(property)) {
      options.push(
        optionOf({ section: name, name: inner, property: innerProperty, required: innerRequired }),
      );
    }
  }
  return options;
}

function collectSections(): DeclarationSection[] {
  const root = jsonSchema(() => undefined);
  const sections = propertiesOf(root)
    .filter(([, property]) => isSection(property))
    .map(([key, property, required]) => ({ key, required, description: textOf(property["description"]) }));
  return [{ key: "", required: false, description: "" }, ...sections];
}

/**
 * What a flag's or environment variable's text stands for: a boolean, a number, a list (parted by commas), a map (`key=value`
 * parted by commas) or the text itself. Text that does not fit the kind is left as it is, for the check to refuse.
 */
export function optionValue(options: { readonly kind: OptionKind; readonly text: string }): JsonValue {
  const { kind, text } = options;
  if (kind === "boolean") return text === "true" ? true : text === "false" ? false : text;
  if (kind === "count") return /^-?[0-9]+$/.test(text) ? Number(text) : text;
  if (kind === "list") return text === "" ? [] : text.split(",").map((part) => part.trim());
  if (kind !== "map") return text;
  const entries = text.split(",").map((part) => /^([^=]*)=(.*)$/s.exec(part));
  if (!entries.every((entry) => entry !== null)) return text;
  return Object.fromEntries(entries.map((entry) => [entry[1]!.trim(), entry[2]!.trim()]));
}

type Schema = { readonly [key: string]: JsonValue };

function jsonSchema(change: (schema: Record<string, unknown>) => void): Schema {
  return z.toJSONSchema(declarationShape, {
    io: "input",
    override: ({ jsonSchema }) => change(jsonSchema),
  }) as unknown as Schema;
}

function propertiesOf(schema: Schema): (readonly [name: string, property: Schema, required: boolean])[] {
  const properties = schema["properties"];
  const required = schema["required"];
  if (!isJsonObject(properties)) return [];
  return Object.entries(properties)
    .filter((entry): entry is [string, Record<string, JsonValue>] => isJsonObject(entry[1]))
    .map(([name, property]) => [name, property, Array.isArray(required) && required.includes(name)]);
}

function isSection(property: Schema): boolean {
  return isJsonObject(property["properties"]);
}

function optionOf(options: {
  readonly section: string;
  readonly name: string;
  readonly property: Schema;
  readonly required: boolean;
}): DeclarationOption {
  const { section, name, property, required } = options;
  const kind = property["kind"] as OptionKind;
  const long = isShared(section, name) ? `${section}-${name}` : name;
  const words = long.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const named = kind !== "location" && kind !== "rules";
  return {
    key: section === "" ? name : `${section}.${name}`,
    section,
    kind,
    required,
    default: property["default"],
    description: textOf(property["description"]),
    values: Array.isArray(property["enum"]) ? [...new Set(property["enum"].map(String))] : [],
    flag: named ? `--${words}` : undefined,
    env: named ? `LANDFALL_${words.toUpperCase().replaceAll("-", "_")}` : undefined,
  };
}

/** Formats share the names of their options, the other sections do not; `jsonPath` says its format itself. */
function isShared(section: string, name: string): boolean {
  return FORMATS.some((format) => format === section) && !name.startsWith(section);
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}
