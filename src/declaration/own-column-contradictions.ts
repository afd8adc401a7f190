/** Columns that Landfall fills need names of their own. */
import type { CheckedDeclaration } from "./declaration.ts";
import type { Mistake } from "./mistakes.ts";

interface OwnName {
  readonly name: string;
  readonly path: readonly (string | number)[];
  readonly what: string;
}

/** Names that two of them share, and those that stated columns have too; a path's column may be stated, which gives its type. */
export function ownColumnContradictions(
  declared: Partial<CheckedDeclaration>,
  rescuedDataColumn: string | undefined,
): Mistake[] {
  const { schema, source } = declared;
  const fromPaths = (source?.partitionColumns ?? []).map((name, i): OwnName => ({
    name,
    path: ["source", "partitionColumns", i],
    what: "a key of the path",
  }));
  const provenance = (schema?.provenance ?? []).map(({ column, field }, i): OwnName => ({
    name: column,
    path: ["schema", "provenance", i],
    what: field,
  }));
  const taken = new Map<string, string>();
  if (rescuedDataColumn !== undefined) taken.set(rescuedDataColumn.toLowerCase(), "rescued values");
  const mistakes: Mistake[] = [];
  for (const { name, path, what } of [...fromPaths, ...provenance]) {
    const other = taken.get(name.toLowerCase());
    if (other === undefined) taken.set(name.toLowerCase(), what);
    else mistakes.push({ path, at: "value", ...sharedName(path, name, other) });
  }
  for (const { name, path } of provenance) {
    if (!schema?.columns?.fields.some((field) => field.name.toLowerCase() === name.toLowerCase())) continue;
    const message = `${path.slice(0, 2).join(".")} fills the column ${name}, which schema.columns takes from the data`;
    mistakes.push({
      path,
      at: "value",
      message,
      hint: "Leave it out of schema.columns: it is added by itself.",
    });
  }
  return mistakes;
}

function sharedName(
  path: OwnName["path"],
  name: string,
  other: string,
): { readonly message: string; readonly hint?: string } {
  const message = `${path.slice(0, 2).join(".")} names the column ${name}, which is the one for ${other}`;
  return path[0] === "schema" ? { message, hint: `Give it another name: \`… AS ${name}_1\`.` } : { message };
}
