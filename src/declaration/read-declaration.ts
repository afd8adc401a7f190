/**
 * A declaration's YAML text, read with the place of everything in it: a `Pipeline`, or all mistakes at once, each with line and
 * column. Flags and environment variables may stand over the file; a mistake in one of them names the flag instead of a line.
 */
import { checkWithTransform, problemOf, type LoadedDeclaration } from "./check-written.ts";
import { applyOverrides, type Override } from "./overrides.ts";
import type { Problem } from "./problem.ts";
import { readYaml } from "./read-yaml.ts";

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

function sorted(problems: readonly Problem[]): Problem[] {
  const rank = (problem: Problem): readonly [number, number] =>
    "line" in problem.at ? [problem.at.line, problem.at.column] : [0, 0];
  return problems.toSorted((one, other) => {
    const [line, column] = rank(one);
    const [otherLine, otherColumn] = rank(other);
    return line - otherLine || column - otherColumn;
  });
}
