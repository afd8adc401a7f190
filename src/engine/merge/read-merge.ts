/** Reads what a merge joins by, and the conditions of its clauses: parsed and bound by the engine, run by nobody yet. */
import { isJsonObject, parseJson, type JsonValue } from "../../base/lossless-json.ts";
import { isLandfallError, LandfallError, messageOf } from "../../base/landfall-error.ts";
import { decimalOf, type DataType, type StructField, type StructType } from "../../schema/data-type.ts";
import { readCondition } from "../column-batch/read-condition.ts";
import type { Duckdb } from "../duckdb.ts";
import { computeLiterals } from "../predicate-of.ts";
import { duckdbType, nullColumns } from "../sql.ts";
import { onlyValue, parseSql, queryOf } from "../user-sql/parse-sql.ts";
import { readPredicate, type DraftPredicate } from "../user-sql/read-predicate.ts";
import { textOf, type TreeNode } from "../user-sql/walk-expression.ts";
import { varyingName } from "../varying-names.ts";
import { pathType } from "./path-type.ts";
import type { ClauseCondition, KeyPair, ReadMerge, ReadMergeRequest } from "./merge-request.ts";

const READING = "read a merge";

/** See `Engine.readMerge`. */
export async function readMerge(duckdb: Duckdb, request: ReadMergeRequest): Promise<ReadMerge> {
  const { target, source, on } = request;
  const schemas = { t: target, s: source };
  const joined = await readOne(duckdb, {
    of: { sql: on, relations: ["t", "s"], whom: "condition of the merge (on)" },
    schemas,
  });
  const parts = conjunctsOf(joined.tree);
  const keys = parts.flatMap((part) => keyOf(part, schemas) ?? []);
  if (keys.length === 0) {
    throw invalid(
      "The condition of the merge (on) says of no two columns that they are equal",
      "Join by one column at least: on: 't.id = s.id'.",
    );
  }
  const draft: DraftPredicate = {
    kind: "and",
    // `s` may be a column of the target, too, and means the source here.
    of: parts
      .filter((part) => !namesRelation(part, "s"))
      .map((part) => readPredicate(part, { schema: target, relations: ["t"] })),
  };
  const conditions: string[] = [];
  for (const of of request.conditions) conditions.push((await readOne(duckdb, { of, schemas })).sql);
  const isPlain = (type: DataType): boolean => typeof type === "string" && !FLOATING.has(type);
  const isByKeysAlone =
    keys.length === parts.length && keys.every((key) => isPlain(pathType(target, key.target)));
  return { on: joined.sql, conditions, keys, isByKeysAlone, ofTarget: await computeLiterals(duckdb, draft) };
}

/** @throws LandfallError QUERY_INVALID for what is not one condition, or may answer otherwise when it is asked again */
async function readOne(
  duckdb: Duckdb,
  options: {
    readonly of: ClauseCondition;
    readonly schemas: Readonly<Record<"t" | "s", StructType>>;
  },
): Promise<{ readonly sql: string; readonly tree: TreeNode }> {
  const { of, schemas } = options;
  const { whom, relations } = of;
  const sql = await readCondition(duckdb, of.sql, whom);
  const parsed = await parseSql(duckdb, `SELECT ${sql}`, READING, parseJson);
  const tree = "error" in parsed ? undefined : onlyValue(queryOf(parsed.statements[0]));
  if (tree === undefined) throw invalid(`The ${whom} is not one expression`);
  const columns = new Set(
    relations.flatMap((name) => schemas[name].fields.map((field) => field.name.toLowerCase())),
  );
  const varies = await varyingName(duckdb, tree, columns);
  if (varies !== undefined)
    throw invalid(`The ${whom} calls ${varies}, whose answers differ from one call to the next`);
  const from = relations.map((name) => `(SELECT ${nullColumns(schemas[name])}) ${name}`).join(", ");
  try {
    // What may stand in a WHERE only: no aggregate, and nothing that makes several rows.
    await duckdb.described(`SELECT 1 FROM ${from} WHERE ${sql}`, READING);
    const [found] = await duckdb.described(`SELECT ${sql} FROM ${from}`, READING);
    const type = String(found?.type);
    if (type === "BOOLEAN" || type === "SQLNULL") return { sql, tree };
    throw invalid(`The ${whom} is of the type ${type}, and true or false for no row`);
  } catch (error) {
    if (!isLandfallError(error, "ENGINE_FAILED")) throw error;
    const [why] = messageOf(error.cause).split("\n", 1);
    throw invalid(`The ${whom} cannot be used: ${why!.replace(/[.!]+$/, "")}`);
  }
}

function invalid(fault: string, hint?: string): LandfallError {
  return new LandfallError("QUERY_INVALID", {
    message: `${fault}.`,
    hint:
      hint ??
      "A condition is one SQL expression over the columns of t, the table, and s, the rows that are merged, such as: s.seq > t.seq",
  });
}

function conjunctsOf(node: TreeNode): readonly TreeNode[] {
  if (node["class"] !== "CONJUNCTION" || node["type"] !== "CONJUNCTION_AND") return [node];
  const children = (node["children"] ?? []) as readonly JsonValue[];
  return children.filter((child) => isJsonObject(child)).flatMap(conjunctsOf);
}

interface NamedColumn {
  readonly relation: "t" | "s";
  readonly path: readonly string[];
  readonly type: DataType;
}

type Schemas = Readonly<Record<"t" | "s", StructType>>;

/** @throws LandfallError QUERY_INVALID for columns that compare only once the engine has made other values of theirs */
function keyOf(node: TreeNode, schemas: Schemas): KeyPair | undefined {
  if (node["class"] !== "COMPARISON" || node["type"] !== "COMPARE_EQUAL") return undefined;
  const sides = [columnOf(node["left"], schemas), columnOf(node["right"], schemas)];
  const target = sides.find((side) => side?.relation === "t");
  const source = sides.find((side) => side?.relation === "s");
  if (target === undefined || source === undefined) return undefined;
  if (!areComparedExactly(target.type, source.type)) {
    throw invalid(
      `t.${target.path.join(".")} is ${duckdbType(target.type)} and s.${source.path.join(".")} is ${duckdbType(source.type)}: values of the two are equal only once they are cast, and casts take '01' for 1`,
      "Give the rows that are merged the type of the table's column.",
    );
  }
  return { target: target.path, source: source.path };
}

function columnOf(value: JsonValue | undefined, schemas: Schemas): NamedColumn | undefined {
  if (!isJsonObject(value) || value["class"] !== "COLUMN_REF") return undefined;
  const names = (value["column_names"] as readonly JsonValue[]).map(String);
  const [first = "", ...rest] = names;
  const relation = first.toLowerCase();
  if ((relation === "t" || relation === "s") && rest.length > 0) return columnIn(relation, rest, schemas);
  // The engine refused a name that both have.
  return columnIn("t", names, schemas) ?? columnIn("s", names, schemas);
}

function columnIn(relation: "t" | "s", names: readonly string[], schemas: Schemas): NamedColumn | undefined {
  let type: DataType = schemas[relation];
  const path: string[] = [];
  for (const name of names) {
    if (typeof type === "string" || type.type !== "struct") return undefined;
    const field: StructField | undefined = type.fields.find(
      (one) => one.name.toLowerCase() === name.toLowerCase(),
    );
    if (field === undefined) return undefined;
    path.push(field.name);
    type = field.type;
  }
  return { relation, path, type };
}

const WHOLE: ReadonlySet<DataType> = new Set<DataType>(["byte", "short", "integer", "long"]);
const FLOATING: ReadonlySet<DataType> = new Set<DataType>(["float", "double"]);
/** Digits of the largest decimal. */
const DIGITS = 38;

function areComparedExactly(left: DataType, right: DataType): boolean {
  if (duckdbType(left) === duckdbType(right)) return true;
  if (WHOLE.has(left) && WHOLE.has(right)) return true;
  if (FLOATING.has(left) && FLOATING.has(right)) return true;
  const sizes = [left, right].map((type) => (typeof type === "string" ? decimalOf(type) : undefined));
  if (sizes[0] === undefined || sizes[1] === undefined) return false;
  const scale = Math.max(sizes[0].scale, sizes[1].scale);
  return Math.max(sizes[0].precision - sizes[0].scale, sizes[1].precision - sizes[1].scale) + scale <= DIGITS;
}

function namesRelation(value: JsonValue, relation: string): boolean {
  if (Array.isArray(value))
    return (value as readonly JsonValue[]).some((one) => namesRelation(one, relation));
  if (!isJsonObject(value)) return false;
  const names = value["column_names"];
  if (value["class"] === "COLUMN_REF" && Array.isArray(names))
    return textOf(names[0]).toLowerCase() === relation;
  return Object.values(value).some((one) => namesRelation(one, relation));
}
