/**
 * A declaration's YAML text, read with the place of everything in it: a `Pipeline`, or all mistakes at once, each with line and
 * column. Flags and environment variables may stand over the file; a mistake in one of them names the flag instead of a line.
 */
import { isJsonObject, type JsonValue } from "../base/lossless-json.ts";
import { checkDeclaration, type CheckedPipeline } from "./check-declaration.ts";
import type { Pipeline } from "./declaration.ts";
import { nameOf, type Mistake } from "./mistakes.ts";
import { applyOverrides, overrideOf, type Override } from "./overrides.ts";
import type { Problem } from "./problem.ts";
import { readTransform } from "./read-transform.ts";
import { readYaml, type YamlPlaces } from "./read-yaml.ts";

export type LoadedDeclaration =
  | { readonly pipeline: Pipeline; readonly problems?: never }
  | { readonly pipeline?: never; readonly problems: readonly Problem[] };

/**
 * Reads a declaration. `baseFolder` is the folder of `file`, absolute, links resolved: relative locations are relative to it.
 * `overrides` stand over the file in their order, the later over the earlier.
 *
 * Throws nothing, whatever the text: syntax errors, duplicate keys, cyclic or exploding aliases, several documents, an empty or
 * huge file (over 1 MiB) are problems too. After a syntax error the content is not judged; after duplicate keys it is.
 */
export function readDeclaration(options: {
  readonly text: string;
  readonly file: string;
  readonly baseFolder: string;
  readonly overrides?: readonly Override[];
}): LoadedDeclaration {
  const { text, baseFolder, overrides = [] } = options;
  const yaml = readYaml(text);
  if (!yaml.readable) return { problems: sorted(yaml.problems) };
  const checked = checkWithTransform({ value: applyOverrides(yaml.value, overrides), baseFolder });
  if (checked.ok && yaml.problems.length === 0) return { pipeline: checked.pipeline };
  const mistakes = checked.ok ? [] : checked.mistakes;
  const problems = mistakes.map((mistake) => problemOf(mistake, { places: yaml.places, overrides }));
  return { problems: sorted([...yaml.problems, ...problems]) };
}

/** A pipeline without a file: two locations and flags. Throws nothing; problems name the argument or flag. */
export function readOptions(options: {
  readonly source: string;
  readonly table: string;
  readonly baseFolder: string;
  readonly overrides?: readonly Override[];
}): LoadedDeclaration {
  const { source, table, baseFolder } = options;
  const overrides: readonly Override[] = [
    { key: "source.location", text: source, from: "<source>" },
    { key: "table.location", text: table, from: "<table>" },
    ...(options.overrides ?? []),
  ];
  const checked = checkWithTransform({ value: applyOverrides({}, overrides), baseFolder });
  if (checked.ok) return { pipeline: checked.pipeline };
  return {
    problems: checked.mistakes.map((mistake) => problemOf(mistake, { places: undefined, overrides })),
  };
}

/** What the transform names is read here, so that the check itself stays pure. */
function checkWithTransform(options: {
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

function problemOf(
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

function sorted(problems: readonly Problem[]): Problem[] {
  const rank = (problem: Problem): readonly [number, number] =>
    "line" in problem.at ? [problem.at.line, problem.at.column] : [0, 0];
  return problems.toSorted((one, other) => {
    const [line, column] = rank(one);
    const [otherLine, otherColumn] = rank(other);
    return line - otherLine || column - otherColumn;
  });
}
