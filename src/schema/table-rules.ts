/**
 * What a table asks of whoever writes rows to it, from its metadata (PROTOCOL.md: "Append-only Tables", "Column Invariants", "CHECK
 * Constraints", "Generated Columns", "Default Columns", "Identity Columns"). The expressions are Spark's SQL as it stands there. Pure.
 */
import { LandfallError } from "../base/landfall-error.ts";
import { isJsonObject, parseJson, stringifyJson, type JsonValue } from "../base/lossless-json.ts";
import type { DataType, StructField, StructType } from "./data-type.ts";
import { ELEMENT, KEY, keyPathText, VALUE, type KeyPath } from "./key-path.ts";

/** A rule that every row must hold. */
export type RowRule =
  /** CHECK: true for every row; null breaks it as false does. */
  | { readonly kind: "constraint"; readonly name: string; readonly sql: string }
  /** As a CHECK, in the metadata of a column. */
  | { readonly kind: "invariant"; readonly column: KeyPath; readonly sql: string }
  /** A field of a struct is null where its struct is; within an array or a map only where what holds it is there. */
  | { readonly kind: "notNull"; readonly column: KeyPath }
  /** Spark's VARCHAR(n) and CHAR(n), which are texts to Delta: at most, or exactly, so many characters. */
  | { readonly kind: "length"; readonly column: KeyPath; readonly most: number; readonly isExact: boolean };

/** A column whose value is that of an expression over the others: `value <=> expression` holds for every row. */
export interface GeneratedColumn {
  readonly name: string;
  readonly type: DataType;
  readonly sql: string;
}

/** A column with a value for rows that say none. */
export interface DefaultColumn {
  readonly name: string;
  readonly type: DataType;
  readonly sql: string;
}

/** A column that the table counts. */
export interface IdentityColumn {
  readonly name: string;
  readonly start: bigint;
  /** Not 0. */
  readonly step: bigint;
  /** The one that was given last; absent before the first. */
  readonly highWaterMark?: bigint;
  /** Whether rows may bring a value of their own. */
  readonly allowsExplicit: boolean;
}

export interface TableRules {
  /** No file with rows may be removed but to be rewritten as it was. */
  readonly isAppendOnly: boolean;
  readonly rows: readonly RowRule[];
  readonly generated: readonly GeneratedColumn[];
  readonly defaults: readonly DefaultColumn[];
  readonly identities: readonly IdentityColumn[];
}

/** Of table features (PROTOCOL.md, "Valid Feature Names in Table Features"), those that a rule puts to use. */
export type RuleFeature =
  | "appendOnly"
  | "checkConstraints"
  | "invariants"
  | "generatedColumns"
  | "allowColumnDefaults"
  | "identityColumns";

const CONSTRAINT_PREFIX = "delta.constraints.";
const CHARACTERS = "__CHAR_VARCHAR_TYPE_STRING";

/**
 * The rules of the metadata, whether or not the table's protocol names their features: a writer that holds too many does no harm.
 *
 * @throws LandfallError TABLE_LOG_CORRUPT naming the column whose metadata is none; TABLE_FEATURE_UNSUPPORTED for a rule within an array or a map
 */
export function tableRules(options: {
  /** With the fields' metadata. */
  readonly schema: StructType;
  readonly configuration: Readonly<Record<string, string>>;
}): TableRules {
  const { schema, configuration } = options;
  const fields = schema.fields;
  return {
    isAppendOnly: configuration["delta.appendOnly"]?.toLowerCase() === "true",
    rows: [
      ...notNullRules(schema, []),
      ...lengthRules(schema),
      ...invariants(schema),
      ...constraints(configuration),
    ],
    generated: withText(fields, "delta.generationExpression"),
    defaults: withText(fields, "CURRENT_DEFAULT"),
    identities: fields.flatMap(identityOf),
  };
}

/** The writer features that the rules put to use, each once. */
export function featuresOfRules(rules: TableRules): RuleFeature[] {
  const uses: readonly (readonly [RuleFeature, boolean])[] = [
    ["appendOnly", rules.isAppendOnly],
    ["checkConstraints", rules.rows.some(({ kind }) => kind === "constraint")],
    ["invariants", rules.rows.some(({ kind }) => kind === "invariant")],
    ["generatedColumns", rules.generated.length > 0],
    ["allowColumnDefaults", rules.defaults.length > 0],
    ["identityColumns", rules.identities.length > 0],
  ];
  return uses.flatMap(([feature, isUsed]) => (isUsed ? [feature] : []));
}

/** What the column's next row gets. */
export function nextIdentity({ start, step, highWaterMark }: IdentityColumn): bigint {
  return highWaterMark === undefined ? start : highWaterMark + step;
}

function constraints(configuration: Readonly<Record<string, string>>): RowRule[] {
  return Object.entries(configuration).flatMap(([key, sql]) =>
    key.toLowerCase().startsWith(CONSTRAINT_PREFIX)
      ? [{ kind: "constraint" as const, name: key.slice(CONSTRAINT_PREFIX.length), sql }]
      : [],
  );
}

function notNullRules(type: DataType, path: KeyPath): RowRule[] {
  if (typeof type === "string") return [];
  const rule = (column: KeyPath): RowRule => ({ kind: "notNull", column });
  if (type.type === "array") {
    const here: KeyPath = [...path, ELEMENT];
    return [...(type.containsNull ? [] : [rule(here)]), ...notNullRules(type.elementType, here)];
  }
  if (type.type === "map") {
    // No map has a key that is null.
    const here: KeyPath = [...path, VALUE];
    const values = [...(type.valueContainsNull ? [] : [rule(here)]), ...notNullRules(type.valueType, here)];
    return [...notNullRules(type.keyType, [...path, KEY]), ...values];
  }
  return type.fields.flatMap((field) => {
    const here: KeyPath = [...path, field.name];
    return [...(field.nullable ? [] : [rule(here)]), ...notNullRules(field.type, here)];
  });
}

/** In Spark's words `varchar(20)`, of a field of whatever depth; of arrays and maps the whole type. */
function lengthRules(schema: StructType): RowRule[] {
  return structFields(schema, CHARACTERS).flatMap(({ field, path }) => {
    const text = textOf(field, CHARACTERS, path);
    const found = /^(var)?char\((\d+)\)$/.exec(text);
    if (found === null) throw unsupported(path, `texts of a stated length in ${text}`);
    return [{ kind: "length", column: path, most: Number(found[2]), isExact: found[1] === undefined }];
  });
}

/** `{"expression":{"expression":"x > 3"}}` (PROTOCOL.md, "Column Invariants"). */
function invariants(schema: StructType): RowRule[] {
  return structFields(schema, "delta.invariants").map(({ field, path }) => {
    const outer = parsed(textOf(field, "delta.invariants", path));
    const inner = isJsonObject(outer) ? outer["expression"] : undefined;
    const sql = isJsonObject(inner) ? inner["expression"] : undefined;
    if (typeof sql !== "string") throw corrupt(path, "delta.invariants");
    return { kind: "invariant", column: path, sql };
  });
}

function identityOf(field: StructField): IdentityColumn[] {
  const long = (key: string): bigint | undefined => {
    const value = field.metadata[`delta.identity.${key}`];
    if (value === undefined) return undefined;
    // A number, or the text of one: beyond 53 bits some writers use text.
    const text = typeof value === "string" ? value : stringifyJson(value);
    if (!/^-?\d+$/.test(text)) throw corrupt([field.name], `delta.identity.${key}`);
    return BigInt(text);
  };
  const [start, step, highWaterMark] = [long("start"), long("step"), long("highWaterMark")];
  if (start === undefined) return [];
  if (step === undefined || step === 0n) throw corrupt([field.name], "delta.identity.step");
  const allowsExplicit = [true, "true"].some(
    (yes) => field.metadata["delta.identity.allowExplicitInsert"] === yes,
  );
  const { name } = field;
  return [{ name, start, step, allowsExplicit, ...(highWaterMark === undefined ? {} : { highWaterMark }) }];
}

function withText(
  fields: readonly StructField[],
  key: string,
): { name: string; type: DataType; sql: string }[] {
  return fields.flatMap((field) =>
    field.metadata[key] === undefined
      ? []
      : [{ name: field.name, type: field.type, sql: textOf(field, key, [field.name]) }],
  );
}

/** Fields with the key, of structs only. @throws LandfallError TABLE_FEATURE_UNSUPPORTED for one within an array or a map */
function structFields(
  type: DataType,
  key: string,
  path: KeyPath = [],
): { readonly field: StructField; readonly path: KeyPath }[] {
  if (typeof type === "string") return [];
  if (type.type === "array") return structFields(type.elementType, key, [...path, ELEMENT]);
  if (type.type === "map")
    return [
      ...structFields(type.keyType, key, [...path, KEY]),
      ...structFields(type.valueType, key, [...path, VALUE]),
    ];
  return type.fields.flatMap((field) => {
    const here: KeyPath = [...path, field.name];
    const below = structFields(field.type, key, here);
    if (field.metadata[key] === undefined) return below;
    if (path.some((part) => typeof part !== "string")) throw unsupported(here, key);
    return [{ field, path: here }, ...below];
  });
}

function textOf({ metadata }: StructField, key: string, path: KeyPath): string {
  const value = metadata[key];
  if (typeof value !== "string") throw corrupt(path, key);
  return value;
}

function parsed(text: string): JsonValue {
  try {
    return parseJson(text);
  } catch {
    return null;
  }
}

function corrupt(path: KeyPath, key: string): LandfallError {
  return new LandfallError("TABLE_LOG_CORRUPT", {
    message: `The column ${keyPathText(path)} of the table has ${key} in its metadata, and what stands there cannot be read.`,
  });
}

function unsupported(path: KeyPath, what: string): LandfallError {
  return new LandfallError("TABLE_FEATURE_UNSUPPORTED", {
    message: `Landfall cannot write rows to this table: its column ${keyPathText(path)} has ${what} within an array or a map.`,
  });
}
