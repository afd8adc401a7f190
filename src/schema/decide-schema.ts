/** The schema that a batch leaves behind: the table's own with new columns at the end, or a new table's. Pure. */
import type { DataType, StructField, StructType } from "./data-type.ts";
import { addsColumns, type EvolutionMode } from "./evolution-mode.ts";
import { foldKeys } from "./fold-keys.ts";
import { hintsAsSchema, overlay, type HintSurroundings, type PathHint } from "./hints.ts";
import { inferSchema, type InferenceOptions } from "./infer-schema.ts";
import { newPaths, trieAt, type KeyPath } from "./key-path.ts";
import type { TrieNode } from "./lattice.ts";
import { inColumnNames, inSourceNames, sourceNameOf } from "./source-name.ts";

export interface SchemaDecision {
  /** Of the table after the batch, the rescued-data column included. */
  readonly schema: StructType;
  /** Keys of the data that become columns with this batch, of a new table too. */
  readonly added: readonly KeyPath[];
  /** `failOnNewColumns`: keys that would need a column. The batch may not be written unless there is none. */
  readonly refused: readonly KeyPath[];
  /** Columns of the table that have the name of an own one and another type. */
  readonly conflicts: readonly { readonly standing: StructField; readonly own: StructField }[];
  /** Sentences for people: columns whose names differ from their keys. */
  readonly notes: readonly string[];
}

export interface SchemaWishes {
  readonly tableSchema?: StructType | undefined;
  readonly columns?: StructType | undefined;
  readonly hints: readonly PathHint[];
  /** Columns that Landfall fills: the table gets those that it lacks, and no key of the data goes into them. */
  readonly own: readonly StructField[];
  readonly evolutionMode: EvolutionMode;
  /** As in `InferenceOptions`. Default false. */
  readonly prefersDecimal?: boolean;
  /** False: keys that differ by case only are one. Default true. */
  readonly readerCaseSensitive?: boolean;
}

/** Of rows whose values have been seen one by one. */
export function decideSchema(options: SchemaWishes & { readonly trie: TrieNode }): SchemaDecision {
  const { prefersDecimal = false, readerCaseSensitive = true } = options;
  const trie = readerCaseSensitive ? options.trie : foldKeys(options.trie);
  return settleSchema({
    ...options,
    infer: (inference) => inferSchema({ trie, options: { ...inference, prefersDecimal } }),
    dataAt: (path) => ((trieAt(trie, path)?.fields.size ?? 0) > 0 ? NO_COLUMNS : undefined),
  });
}

/** Of rows whose schema, in the keys of the data, `infer` gives once it is told what the table and the hints say. */
export function settleSchema(
  options: SchemaWishes & {
    readonly infer: (options: Required<Pick<InferenceOptions, "hints" | "reserved">>) => StructType;
    /** As in `HintSurroundings`. */
    readonly dataAt: HintSurroundings["dataAt"];
  },
): SchemaDecision {
  const { tableSchema, columns, own, evolutionMode } = options;
  const reserved = own.map((field) => field.name);
  const standing = without(inSourceNames(tableSchema ?? NO_COLUMNS), reserved);
  const { hints, dataAt } = options;
  const stated = columns ?? hintsAsSchema(hints, { table: standing, dataAt });
  const known = overlay(standing, without(stated, reserved));
  const evolved = (): StructType => options.infer({ hints: known, reserved });
  const isFirst = columns === undefined && standing.fields.length === 0;
  const wanted = isFirst || (columns === undefined && addsColumns(evolutionMode)) ? evolved() : known;
  const refused = !isFirst && evolutionMode === "failOnNewColumns" ? newPaths(known, evolved()) : NOTHING;
  const named = inColumnNames({ schema: wanted, known: tableSchema, reserved });
  return {
    schema: withOwn(tableSchema === undefined ? named.schema : extended(tableSchema, named.schema), own),
    added: newPaths(standing, wanted),
    refused,
    conflicts: conflictsOf(tableSchema, own),
    notes: named.renamed.map(
      ({ key, column }) =>
        `The key ${JSON.stringify(key)} is the column ${column}: Spark refuses some of its characters.`,
    ),
  };
}

const NO_COLUMNS: StructType = { type: "struct", fields: [] };
const NOTHING: readonly KeyPath[] = [];

function isNamed(field: StructField, names: readonly string[]): boolean {
  return names.some((name) => name.toLowerCase() === field.name.toLowerCase());
}

function without(schema: StructType, names: readonly string[]): StructType {
  return { type: "struct", fields: schema.fields.filter((field) => !isNamed(field, names)) };
}

function conflictsOf(
  table: StructType | undefined,
  own: readonly StructField[],
): SchemaDecision["conflicts"] {
  return (table?.fields ?? []).flatMap((standing) => {
    const other = own.find((field) => isNamed(standing, [field.name]));
    const isSame = other === undefined || JSON.stringify(other.type) === JSON.stringify(standing.type);
    return isSame ? [] : [{ standing, own: other }];
  });
}

function withOwn(schema: StructType, own: readonly StructField[]): StructType {
  const names = schema.fields.map((field) => field.name);
  const missing = own.filter((field) => !isNamed(field, names));
  return missing.length === 0 ? schema : { type: "struct", fields: [...schema.fields, ...missing] };
}

/** The table's fields in their order, each as it is, then what is new; struct by struct. */
function extended(table: StructType, wanted: StructType): StructType {
  const byKey = new Map(wanted.fields.map((field) => [sourceNameOf(field), field]));
  const fields = table.fields.map((field): StructField => {
    const other = byKey.get(sourceNameOf(field));
    byKey.delete(sourceNameOf(field));
    return other === undefined ? field : { ...field, type: extendedType(field.type, other.type) };
  });
  // Rows that are there already have no value for it, whatever was stated.
  const added = [...byKey.values()].map((field) => ({ ...field, nullable: true }));
  return { type: "struct", fields: [...fields, ...added] };
}

function extendedType(table: DataType, wanted: DataType): DataType {
  if (typeof table === "string" || typeof wanted === "string") return table;
  if (table.type === "struct" && wanted.type === "struct") return extended(table, wanted);
  if (table.type === "array" && wanted.type === "array") {
    return { ...table, elementType: extendedType(table.elementType, wanted.elementType) };
  }
  if (table.type === "map" && wanted.type === "map") {
    return { ...table, valueType: extendedType(table.valueType, wanted.valueType) };
  }
  return table;
}
