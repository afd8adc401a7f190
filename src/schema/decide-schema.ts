/** The schema that a batch leaves behind: the table's own with new columns at the end, or a new table's. Pure. */
import { nullableField, type DataType, type StructField, type StructType } from "./data-type.ts";
import { hintsAsSchema, overlay, type PathHint } from "./hints.ts";
import { inferSchema, type InferenceOptions } from "./infer-schema.ts";
import type { TrieNode } from "./lattice.ts";
import { inColumnNames, inSourceNames, sourceNameOf } from "./source-name.ts";

export interface SchemaDecision {
  /** Of the table after the batch, the rescued-data column included. */
  readonly schema: StructType;
  /** Sentences for people: columns whose names differ from their keys. */
  readonly notes: readonly string[];
}

export interface SchemaWishes {
  readonly tableSchema?: StructType | undefined;
  readonly columns?: StructType | undefined;
  readonly hints: readonly PathHint[];
  readonly rescuedDataColumn: string;
}

/** Of rows whose values have been seen one by one. */
export function decideSchema(options: SchemaWishes & { readonly trie: TrieNode }): SchemaDecision {
  return settleSchema({
    ...options,
    infer: (inference) => inferSchema({ trie: options.trie, options: inference }),
  });
}

/** Of rows whose schema, in the keys of the data, `infer` gives once it is told what the table and the hints say. */
export function settleSchema(
  options: SchemaWishes & {
    readonly infer: (options: Required<Pick<InferenceOptions, "hints" | "reserved">>) => StructType;
  },
): SchemaDecision {
  const { tableSchema, columns, rescuedDataColumn } = options;
  const rescued = tableSchema?.fields.find(
    (field) => field.name.toLowerCase() === rescuedDataColumn.toLowerCase(),
  );
  // With columns given nothing is added: what is not among them is rescued.
  if (columns !== undefined)
    return { schema: withRescued(tableSchema ?? columns, rescued, rescuedDataColumn), notes: [] };
  const known = inSourceNames(tableSchema ?? { type: "struct", fields: [] });
  const inferred = options.infer({
    hints: overlay(known, hintsAsSchema(options.hints)),
    reserved: [rescuedDataColumn],
  });
  const named = inColumnNames({ schema: inferred, known: tableSchema, reserved: [rescuedDataColumn] });
  const schema = tableSchema === undefined ? named.schema : extended(tableSchema, named.schema);
  return {
    schema: withRescued(schema, rescued, rescuedDataColumn),
    notes: named.renamed.map(
      ({ key, column }) =>
        `The key ${JSON.stringify(key)} is the column ${column}: Spark refuses some of its characters.`,
    ),
  };
}

function withRescued(schema: StructType, standing: StructField | undefined, name: string): StructType {
  const known =
    standing !== undefined || schema.fields.some((field) => field.name.toLowerCase() === name.toLowerCase());
  return known ? schema : { type: "struct", fields: [...schema.fields, nullableField(name, "string")] };
}

/** The table's fields in their order, each as it is, then what is new; struct by struct. */
function extended(table: StructType, wanted: StructType): StructType {
  const byKey = new Map(wanted.fields.map((field) => [sourceNameOf(field), field]));
  const fields = table.fields.map((field): StructField => {
    const other = byKey.get(sourceNameOf(field));
    byKey.delete(sourceNameOf(field));
    return other === undefined ? field : { ...field, type: extendedType(field.type, other.type) };
  });
  return { type: "struct", fields: [...fields, ...byKey.values()] };
}

function extendedType(table: DataType, wanted: DataType): DataType {
  if (typeof table === "string" || typeof wanted === "string") return table;
  if (table.type === "struct" && wanted.type === "struct") return extended(table, wanted);
  if (table.type === "array" && wanted.type === "array") {
    return { ...table, elementType: extendedType(table.elementType, wanted.elementType) };
  }
  return table;
}
