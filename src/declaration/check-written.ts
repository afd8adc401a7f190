/** What a declaration's file and its flags have in common: the check of what was written, and where each mistake stands. */
import { isJsonObject, type JsonValue } from "../base/lossless-json.ts";
import { checkDeclaration, type CheckedPipeline } from "./check-declaration.ts";
import type { Pipeline } from "./declaration.ts";
import { nameOf, type Mistake } from "./mistakes.ts";
import { overrideOf, type Override } from "./overrides.ts";
import type { Problem } from "./problem.ts";
import { readTransform } from "./read-transform.ts";
import type { YamlPlaces } from "./read-yaml.ts";

export type LoadedDeclaration =
  | { readonly pipeline: Pipeline; readonly problems?: never }
  | { readonly pipeline?: never; readonly problems: readonly Problem[] };

/** What the transform names is read here, so that the check itself stays pure. */
export function checkWithTransform(options: {
  readonly value: JsonValue;
  readonly baseFolder: string;
}): CheckedPipeline {
  const { value, baseFolder } = options;
  const checked = checkDeclaration(options);
  const text = isJsonObject(value) ? value["transform"] : undefined;
  if (typeof text !== "string" || text.trim() === "") return checked;
  const reading = readTransform({ text, baseFolder });
  if (!reading.ok) return { ok: false, mistakes: [...(checked.ok ? [] : checked.mistakes), reading.mistake] };
  if (!checked.ok) return checked;
  return { ok: true, pipeline: { ...checked.pipeline, transform: reading.transform } };
}

export function problemOf(
  mistake: Mistake,
  context: { readonly places: YamlPlaces | undefined; readonly overrides: readonly Override[] },
): Problem {
  const { message, didYouMean, hint, path, at, offset } = mistake;
  const said = {
    message,
    ...(didYouMean === undefined ? {} : { didYouMean }),
    ...(hint === undefined ? {} : { hint }),
  };
  const override = overrideOf(nameOf(path), context.overrides);
  if (override || !context.places) return { ...said, at: { option: override?.from ?? nameOf(path) } };
  return { ...said, at: context.places.find({ path, at, ...(offset === undefined ? {} : { offset }) }) };
}
