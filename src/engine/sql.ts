/** SQL text for DuckDB: names and literals are always quoted here, never by hand. */
import { LandfallError } from "../base/landfall-error.ts";
import { decimalOf, type DataType, type StructType } from "../schema/data-type.ts";

/** `"name"`, quotes doubled. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** `'text'`, quotes doubled. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** `['a', 'b']` */
export function textList(texts: readonly string[]): string {
  return `[${texts.map(quoteText).join(", ")}]`;
}

/**
 * The files to read, for DuckDB's readers, which take a name for a glob: of `t[1]/x.parquet` they would read `t1/x.parquet`
 * where that is there (reference: engine facts, §4). What they write to is taken as it stands.
 */
export function pathsArgument(paths: readonly string[]): string {
  return textList(paths.map(globOf));
}

/** A pattern that matches the path alone. */
export function globOf(path: string): string {
  return path.replace(/[*?[]/g, "[$&]");
}

const PRIMITIVES: Record<string, string> = {
  string: "VARCHAR",
  long: "BIGINT",
  integer: "INTEGER",
  short: "SMALLINT",
  byte: "TINYINT",
  float: "FLOAT",
  double: "DOUBLE",
  boolean: "BOOLEAN",
  binary: "BLOB",
  date: "DATE",
  timestamp: "TIMESTAMPTZ",
  timestamp_ntz: "TIMESTAMP",
  // As the text of its JSON, and as what can only be null.
  variant: "VARCHAR",
  void: "VARCHAR",
};

/** DuckDB's name of a Delta type, as COPY must see it for the right Parquet type (reference: protocol, "Parquet"). */
export function duckdbType(type: DataType): string {
  if (typeof type === "string") {
    const decimal = decimalOf(type);
    if (decimal) return `DECIMAL(${decimal.precision}, ${decimal.scale})`;
    const name = PRIMITIVES[type];
    if (name === undefined) {
      throw new LandfallError("TABLE_FEATURE_UNSUPPORTED", { message: `The type ${type} is not supported.` });
    }
    return name;
  }
  if (type.type === "array") return `${duckdbType(type.elementType)}[]`;
  if (type.type === "map") return `MAP(${duckdbType(type.keyType)}, ${duckdbType(type.valueType)})`;
  return `STRUCT(${type.fields.map((field) => `${quoteName(field.name)} ${duckdbType(field.type)}`).join(", ")})`;
}

/** `{name: 'TYPE', …}`: the `columns` argument of DuckDB's readers. */
export function columnsArgument(schema: StructType): string {
  return `{${schema.fields
    .map((field) => `${quoteText(field.name)}: ${quoteText(duckdbType(field.type))}`)
    .join(", ")}}`;
}

/** Select list: every column null, of its type. */
export function nullColumns({ fields }: StructType): string {
  return fields.map(({ name, type }) => `CAST(NULL AS ${duckdbType(type)}) AS ${quoteName(name)}`).join(", ");
}

/** A row's columns as the text of a JSON object. `relation`: what they belong to, where other columns have such names. */
export function rowAsJson({ fields }: StructType, relation?: string): string {
  const from = relation === undefined ? "" : `${relation}.`;
  const members = fields.map(({ name }) => `${quoteName(name)} := ${from}${quoteName(name)}`);
  return `CAST(to_json(struct_pack(${members.join(", ")})) AS VARCHAR)`;
}
