import { checkWithTransform, problemOf, type LoadedDeclaration } from "./check-written.ts";
import { applyOverrides, type Override } from "./overrides.ts";

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
