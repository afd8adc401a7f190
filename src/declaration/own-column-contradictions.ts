/** Columns that Landfall fills need names of their own. */
import { formatDdlType } from "../schema/format-ddl.ts";
import { PROVENANCE_FIELDS } from "../schema/provenance.ts";
import { isColumnName } from "../schema/source-name.ts";
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
  const corrupt = corruptColumnsOf(declared).map(({ section, name }): OwnName => ({
    name,
    path: [section, "columnNameOfCorruptRecord"],
    what: "records that cannot be read",
  }));
  const taken = new Map<string, string>();
  if (rescuedDataColumn !== undefined) taken.set(rescuedDataColumn.toLowerCase(), "rescued values");
  const mistakes: Mistake[] = [];
  for (const { name, path, what } of [...fromPaths, ...provenance]) {
    const other = taken.get(name.toLowerCase());
    if (other === undefined) taken.set(name.toLowerCase(), what);
    else mistakes.push({ path, at: "value", ...sharedName(path, name, other) });
  }
  // Only one of the formats is read: both may name one column.
  for (const { name, path } of corrupt) {
    const other = taken.get(name.toLowerCase());
    if (other !== undefined) mistakes.push({ path, at: "value", ...sharedName(path, name, other) });
    if (isColumnName(name)) continue;
    const message = `${path.join(".")} names ${JSON.stringify(name)}, which Spark refuses as a column's name`;
    mistakes.push({ path, at: "value", message });
  }
  for (const { name, path } of [...provenance, ...corrupt]) {
    if (!schema?.columns?.fields.some((field) => field.name.toLowerCase() === name.toLowerCase())) continue;
    const message = `${path.slice(0, 2).join(".")} fills the column ${name}, which schema.columns takes from the data`;
    mistakes.push({
      path,
      at: "value",
      message,
      hint: "Leave it out of schema.columns: it is added by itself.",
    });
  }
  return [...mistakes, ...hintContradictions(declared, rescuedDataColumn)];
}

/** Hints that give such a column another type than it has. */
function hintContradictions(
  { schema, ...declared }: Partial<CheckedDeclaration>,
  rescuedDataColumn: string | undefined,
): Mistake[] {
  const filled = [
    ...(schema?.provenance ?? []).map(({ column, field }) => ({
      name: column,
      type: PROVENANCE_FIELDS[field],
      by: "schema.provenance",
    })),
    ...corruptColumnsOf(declared).map(({ section, name }) => ({
      name,
      type: "string" as const,
      by: `${section}.columnNameOfCorruptRecord`,
    })),
    ...(rescuedDataColumn === undefined
      ? []
      : [{ name: rescuedDataColumn, type: "string" as const, by: "schema.rescuedDataColumn" }]),
  ];
  return filled.flatMap(({ name, type, by }): Mistake[] => {
    const hint = schema?.hints?.find(
      ({ path, type: hinted }) =>
        path[0]!.toLowerCase() === name.toLowerCase() && (path.length > 1 || hinted !== type),
    );
    if (hint === undefined) return [];
    const given = `${hint.path.join(".")} ${formatDdlType(hint.type)}`;
    return [
      {
        path: ["schema", "hints"],
        at: "value",
        message: `schema.hints says ${given}, and ${name} is the column that ${by} fills: it is ${formatDdlType(type)}`,
        hint: `Leave it out of schema.hints, or give the column of ${by} another name.`,
      },
    ];
  });
}

/** The columns for records that cannot be read, by the format's section. */
export function corruptColumnsOf(
  declared: Partial<CheckedDeclaration>,
): { readonly section: "json" | "csv"; readonly name: string }[] {
  return (["json", "csv"] as const).flatMap((section) => {
    const name = declared[section]?.columnNameOfCorruptRecord;
    return name === undefined ? [] : [{ section, name }];
  });
}

function sharedName(
  path: OwnName["path"],
  name: string,
  other: string,
): { readonly message: string; readonly hint?: string } {
  const message = `${path.slice(0, 2).join(".")} names the column ${name}, which is the one for ${other}`;
  return path[1] === "provenance"
    ? { message, hint: `Give it another name: \`… AS ${name}_1\`.` }
    : { message };
}
