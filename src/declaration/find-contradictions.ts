/** Options that hold by themselves and contradict each other. */
import { isJsonObject, type JsonValue } from "../base/lossless-json.ts";
import { FORMATS } from "../formats/format-options.ts";
import type { DataType } from "../schema/data-type.ts";
import type { CheckedDeclaration } from "./declaration.ts";
import type { Mistake } from "./mistakes.ts";

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
    ...(source?.format === "xml" && xml?.rowTag === undefined ? [XML_NEEDS_ROW_TAG] : []),
    ...(schema ? schemaContradictions(schema) : []),
    ...(table ? repeatedPartitions(table.partitionBy) : []),
    ...(schema && table ? partitionContradictions(schema, table.partitionBy) : []),
  ];
}

const LINES_HAVE_NO_PATH: Mistake = {
  path: ["json", "multiLine"],
  at: "value",
  message:
    "json.multiLine: false makes each line a record, and json.jsonPath looks for records inside documents",
  hint: "Leave one of them out.",
};

const XML_NEEDS_ROW_TAG: Mistake = {
  path: ["source", "format"],
  at: "value",
  message: "source.format: xml needs xml.rowTag, the element that is a row",
  hint: "Say xml: { rowTag: item }, or --xml-row-tag item.",
};

/** The column for what fits no other; `none` has one only where it is asked for (databricks.md §1.6). */
export function rescuedDataColumnOf(schema: CheckedDeclaration["schema"]): string | undefined {
  return schema.rescuedDataColumn ?? (schema.evolutionMode === "none" ? undefined : "_rescued_data");
}

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
  if (evolutionMode === "addNewColumns") {
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

function repeatedPartitions(partitionBy: readonly string[]): Mistake[] {
  return partitionBy.flatMap((column, index): Mistake[] =>
    partitionBy.findIndex((other) => same(other, column)) === index
      ? []
      : [
          {
            path: ["table", "partitionBy", index],
            at: "value",
            message: `table.partitionBy names the column ${column} twice`,
          },
        ],
  );
}

function partitionContradictions(
  schema: CheckedDeclaration["schema"],
  partitionBy: readonly string[],
): Mistake[] {
  return partitionBy.flatMap((column, index): Mistake[] => {
    const path = ["table", "partitionBy", index];
    if (same(column, rescuedDataColumnOf(schema))) {
      const message = `table.partitionBy names ${column}, the column for rescued values`;
      return [{ path, at: "value", message }];
    }
    if (!schema.columns) return [];
    const field = schema.columns.fields.find((field) => same(field.name, column));
    if (!field) {
      return [{ path, at: "value", message: `table.partitionBy: schema.columns has no column ${column}` }];
    }
    // Partition values are text in the log (PROTOCOL.md, Partition Value Serialization); nested values have no such text.
    if (!isNested(field.type)) return [];
    return [{ path, at: "value", message: `table.partitionBy: ${column} is nested and cannot part a table` }];
  });
}

function isNested(type: DataType): boolean {
  return typeof type !== "string";
}

function same(one: string, other: string | undefined): boolean {
  return one.toLowerCase() === other?.toLowerCase();
}
