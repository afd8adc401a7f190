/** Flags and environment variables that stand over a declaration (precedence: flag, variable, file, default). */
import { isJsonObject, type JsonValue } from "../base/lossless-json.ts";
import { declarationOptions, optionValue } from "./options.ts";

/** One option said outside the file. */
export interface Override {
  /** `source.format`. */
  readonly key: string;
  /** The text that was given. */
  readonly text: string;
  /** How messages call it: `--format`, `LANDFALL_FORMAT`. */
  readonly from: string;
}

/**
 * The declaration with the overrides in it, the later over the earlier. A value that is no mapping is left as it is, for the check
 * to refuse. An unknown key is set as text, and the check refuses it by name.
 */
export function applyOverrides(value: JsonValue, overrides: readonly Override[]): JsonValue {
  if (!isJsonObject(value)) return value;
  let result: Record<string, JsonValue> = value;
  for (const { key, text } of overrides) {
    const kind = declarationOptions().find((option) => option.key === key)?.kind ?? "text";
    const said = optionValue({ kind, text });
    const [section, name] = key.includes(".") ? splitKey(key) : ["", key];
    if (section === "") {
      result = { ...result, [name]: said };
      continue;
    }
    const inner = result[section] ?? {};
    if (isJsonObject(inner)) result = { ...result, [section]: { ...inner, [name]: said } };
  }
  return result;
}

/** The last override that said the option of this name, or an element of it. */
export function overrideOf(name: string, overrides: readonly Override[]): Override | undefined {
  return overrides.findLast(
    ({ key }) => name === key || name.startsWith(`${key}[`) || name.startsWith(`${key}.`),
  );
}

function splitKey(key: string): readonly [section: string, name: string] {
  const dot = key.indexOf(".");
  return [key.slice(0, dot), key.slice(dot + 1)];
}
