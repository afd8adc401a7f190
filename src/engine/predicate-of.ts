/** What of a person's SQL can be judged by partition values and statistics. Nothing of it is run. */
import { isJsonObject, parseJson, type JsonValue } from "../base/lossless-json.ts";
import { isLandfallError, LandfallError, messageOf } from "../base/landfall-error.ts";
import type { PrimitiveType } from "../schema/data-type.ts";
import type { Literal, Predicate } from "../schema/predicate.ts";
import type { Duckdb } from "./duckdb.ts";
import type { PredicateRequest } from "./engine.ts";
import { duckdbType, nullColumns } from "./sql.ts";
import { canonical, onlyValue, parseSql, queryOf, type Parsed } from "./user-sql/parse-sql.ts";
import { readPredicate, type CastLiteral, type DraftPredicate } from "./user-sql/read-predicate.ts";
import { isEmptyList, textOf, type TreeNode } from "./user-sql/walk-expression.ts";

const READING = "read a condition";
/** By which a condition may name its row's columns, as a query does. */
const ROW_NAME = "t";
const UNKNOWN: Predicate = { kind: "unknown" };
/** What whole numbers are cast to, whatever their size. */
const ANY_WHOLE: PrimitiveType = "decimal(38,0)";

/** See `Engine.predicateOf`. */
export async function predicateOf(
  duckdb: Duckdb,
  { sql, schema, whole }: PredicateRequest,
): Promise<Predicate> {
  const found =
    whole === undefined
      ? { condition: await readCondition(duckdb, { sql, schema }), relations: [ROW_NAME] }
      : conditionOfSelect(await parseSql(duckdb, sql, READING, parseJson), whole);
  if (found === undefined) return UNKNOWN;
  const draft = readPredicate(found.condition, { schema, relations: found.relations });
  return computeLiterals(duckdb, draft);
}

/** @throws LandfallError QUERY_INVALID for what is no condition over the columns */
async function readCondition(
  duckdb: Duckdb,
  { sql, schema }: Pick<PredicateRequest, "sql" | "schema">,
): Promise<TreeNode> {
  const inBrackets = onlyExpression(await parseSql(duckdb, `SELECT (\n${sql}\n)`, READING, parseJson));
  const bare = onlyExpression(await parseSql(duckdb, `SELECT \n${sql}\n`, READING, parseJson));
  if (canonical(inBrackets) !== canonical(bare)) throw invalid("it is not one expression");
  if (holdsQuery(inBrackets)) throw invalid("it holds a subquery");
  try {
    await duckdb.described(
      `SELECT 1 FROM (SELECT ${nullColumns(schema)}) ${ROW_NAME} WHERE (\n${sql}\n)`,
      "find the columns that a condition names",
    );
  } catch (error) {
    if (!isLandfallError(error, "ENGINE_FAILED")) throw error;
    throw invalid(messageOf(error.cause).split("\n", 1)[0]!);
  }
  return inBrackets;
}

function onlyExpression(parsed: Parsed): TreeNode {
  if ("error" in parsed) throw invalid(parsed.isNoSelect ? "it is not one expression" : parsed.error);
  const { statements } = parsed;
  const found = statements.length === 1 ? onlyValue(queryOf(statements[0])) : undefined;
  if (found === undefined) throw invalid("it is not one expression");
  return found;
}

function invalid(fault: string): LandfallError {
  return new LandfallError("QUERY_INVALID", {
    message: `The condition cannot be used: ${fault.replace(/[.!]+$/, "")}.`,
    hint: "A condition is one SQL expression over the table's columns that is true for the rows that are meant, such as: day >= DATE '2026-01-01' AND station = 'north'.",
  });
}

/** The WHERE of a SELECT from the relation alone; undefined for any other, and for one that may read the relation a second time. */
function conditionOfSelect(
  parsed: Parsed,
  relation: string,
): { readonly condition: TreeNode; readonly relations: readonly string[] } | undefined {
  const statements = "error" in parsed ? [] : parsed.statements;
  const query = statements.length === 1 ? queryOf(statements[0]) : undefined;
  if (query?.["type"] !== "SELECT_NODE" || query["sample"] !== null || holdsQuery(Object.values(query)))
    return undefined;
  const { from_table: from, where_clause: condition, cte_map: ctes } = query;
  if (!isJsonObject(from) || !isJsonObject(condition) || !isJsonObject(ctes)) return undefined;
  const isPlain =
    from["type"] === "BASE_TABLE" &&
    textOf(from["table_name"]).toLowerCase() === relation.toLowerCase() &&
    ["catalog_name", "schema_name"].every((name) => from[name] === "") &&
    [null, undefined].includes(from["sample"] as null) &&
    [null, undefined].includes(from["at_clause"] as null) &&
    isEmptyList(from["column_name_alias"]) &&
    isEmptyList(ctes["map"]);
  if (!isPlain) return undefined;
  const alias = textOf(from["alias"]);
  return { condition, relations: [alias === "" ? relation : alias] };
}

function holdsQuery(value: JsonValue): boolean {
  if (Array.isArray(value)) return (value as readonly JsonValue[]).some(holdsQuery);
  if (!isJsonObject(value)) return false;
  return value["node"] !== undefined || Object.values(value).some(holdsQuery);
}

/** The engine's own values of the literals; where one cannot be cast the query itself says so, and nothing is known. */
export async function computeLiterals(duckdb: Duckdb, draft: DraftPredicate): Promise<Predicate> {
  const literals: CastLiteral[] = [];
  collect(draft, literals);
  if (literals.length === 0) return withTexts(draft, []);
  const values = literals.map(
    ({ sql, type }, i) => `CAST(CAST(${sql} AS ${duckdbType(type)}) AS VARCHAR) AS v${i}`,
  );
  try {
    const [row] = await duckdb.rows(`SELECT ${values.join(", ")}`, "compute literals");
    return withTexts(
      draft,
      literals.map((_, i) => row![`v${i}`]),
    );
  } catch (error) {
    if (isLandfallError(error, "ENGINE_FAILED")) return UNKNOWN;
    throw error;
  }
}

function collect(draft: DraftPredicate, into: CastLiteral[]): void {
  switch (draft.kind) {
    case "and":
    case "or":
      for (const one of draft.of) collect(one, into);
      break;
    case "not":
      collect(draft.of, into);
      break;
    case "compare":
      into.push(draft.value);
      break;
    case "in":
      into.push(...draft.values);
      break;
    case "isNull":
    case "isNotNull":
    case "startsWith":
    case "unknown":
      break;
    default:
      draft satisfies never;
  }
}

/** @param texts of the literals in the order of `collect`, which are taken off */
function withTexts(draft: DraftPredicate, texts: unknown[]): Predicate {
  const literal = (type: PrimitiveType): Literal | undefined => {
    const text = texts.shift();
    if (typeof text !== "string") return undefined;
    const isLong = type === ANY_WHOLE && BigInt.asIntN(64, BigInt(text)) === BigInt(text);
    return { type: isLong ? "long" : type, text };
  };
  switch (draft.kind) {
    case "and":
    case "or":
      return { kind: draft.kind, of: draft.of.map((one) => withTexts(one, texts)) };
    case "not":
      return { kind: "not", of: withTexts(draft.of, texts) };
    case "compare": {
      const value = literal(draft.value.type);
      return value === undefined ? UNKNOWN : { ...draft, value };
    }
    case "in": {
      const values = draft.values.map(({ type }) => literal(type));
      const known = values.filter((value) => value !== undefined);
      return known.length < values.length ? UNKNOWN : { ...draft, values: known };
    }
    case "isNull":
    case "isNotNull":
    case "startsWith":
    case "unknown":
      return draft;
    default:
      return draft satisfies never;
  }
}
