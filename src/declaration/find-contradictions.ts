/** Options that hold by themselves and contradict each other. */
import { isJsonObject, type JsonValue } from "../base/lossless-json.ts";
import { FORMATS } from "../formats/format-options.ts";
import { addsColumns } from "../schema/evolution-mode.ts";
import { archiveContradictions } from "./archive-policy.ts";
import type { CheckedDeclaration } from "./declaration.ts";
import type { Mistake } from "./mistakes.ts";
import { corruptColumnsOf, ownColumnContradictions } from "./own-column-contradictions.ts";
import { partitionContradictions } from "./partition-contradictions.ts";

/** Options of another format than the one that is stated; `value` is what was written. */
export function findForeignFormats(value: Readonly<Record<string, JsonValue>>): Mistake[] {
  const source = value["source"];
  const format = isJsonObject(source) ? source["format"] : undefined;
  if (typeof format !== "string") return [];
  return FORMATS.filter((other) => other !== format && value[other] !== undefined).map((other) => ({
    path: [other],
    at: "key",
    message: `${other} states how ${other} files are read, and source.format is ${format}`,
    hint: `Leave it out, or say source.format: ${other}.`,
  }));
}

/** Every contradiction among the sections that are there. */
export function findContradictions(declared: Partial<CheckedDeclaration>): Mistake[] {
  const { source, schema, table, json, xml } = declared;
  return [
    ...(json?.jsonPath !== undefined && json.multiLine === false ? [LINES_HAVE_NO_PATH] : []),
    ...(source?.format === "xml" && xml !== undefined && xml.rowTag === undefined ? [XML_NEEDS_ROW_TAG] : []),
    ...corruptColumnsOf(declared).flatMap(({ section }) => modeContradictions(section, declared)),
    ...(schema ? schemaContradictions(schema) : []),
    ...archiveContradictions(declared),
    ...ownColumnContradictions(declared, schema && rescuedDataColumnOf(schema)),
    ...(table ? partitionContradictions(declared, schema && rescuedDataColumnOf(schema)) : []),
  ];
}

const LINES_HAVE_NO_PATH: Mistake = {
  path: ["json", "multiLine"],
  at: "value",
  message:
    "json.multiLine: false makes each line a record, and json.jsonPath looks for records inside documents",
  hint: "Leave one of them out.",
};

/** A record is kept as a row, or it is not. */
function modeContradictions(section: "json" | "csv", declared: Partial<CheckedDeclaration>): Mistake[] {
  const mode = declared[section]?.mode;
  if (mode === undefined || mode === "PERMISSIVE") return [];
  const instead = mode === "FAILFAST" ? "fails the batch over them" : "drops them";
  return [
    {
      path: [section, "columnNameOfCorruptRecord"],
      at: "key",
      message: `${section}.columnNameOfCorruptRecord keeps records that cannot be read as rows, and ${section}.mode: ${mode} ${instead}`,
      hint: `Leave one of them out, or say ${section}.mode: PERMISSIVE.`,
    },
  ];
}

/** The column for what fits no other; `none` has one only where it is asked for (databricks.md §1.6). */
export function rescuedDataColumnOf(schema: CheckedDeclaration["schema"]): string | undefined {
  return schema.rescuedDataColumn ?? (schema.evolutionMode === "none" ? undefined : "_rescued_data");
}

const XML_NEEDS_ROW_TAG: Mistake = {
  path: ["source", "format"],
  at: "value",
  message: "source.format: xml needs xml.rowTag, the element that is a row",
  hint: "Say xml: { rowTag: item }, or --xml-row-tag item.",
};

function schemaContradictions(schema: CheckedDeclaration["schema"]): Mistake[] {
  const { columns, hints, evolutionMode } = schema;
  const rescuedDataColumn = rescuedDataColumnOf(schema);
  if (!columns) return [];
  const mistakes: Mistake[] = [];
  if (hints) {
    mistakes.push({
      path: ["schema", "hints"],
      at: "key",
      message: "schema.hints says nothing beside schema.columns, which states every type",
      hint: "Leave one of them out.",
    });
  }
  if (evolutionMode !== undefined && addsColumns(evolutionMode)) {
    mistakes.push({
      path: ["schema", "evolutionMode"],
      at: "value",
      message: `schema.evolutionMode: ${evolutionMode} cannot hold beside schema.columns, which admits no other column`,
      hint: "Choose rescue, failOnNewColumns or none, or give the types as schema.hints.",
    });
  }
  if (columns.fields.some((field) => same(field.name, rescuedDataColumn))) {
    mistakes.push({
      path: ["schema", "columns"],
      at: "value",
      message: `schema.columns names ${rescuedDataColumn}, the column for rescued values`,
      hint: "Leave it out, since it is added by itself, or give schema.rescuedDataColumn another name.",
    });
  }
  return mistakes;
}

function same(one: string, other: string | undefined): boolean {
  return one.toLowerCase() === other?.toLowerCase();
}
