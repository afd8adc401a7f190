/**
 * One JSON object of a commit or a checkpoint into an action. Required fields are checked; what is missing without harm gets
 * the meaning that Delta Spark gives it; unknown actions and fields pass (PROTOCOL.md, "Actions").
 */
import { isJsonObject, type JsonValue } from "../base/lossless-json.ts";
import type { Action } from "./actions.ts";

type Fields = Record<string, JsonValue>;

/** Says what is wrong with an action; the caller adds the file and the line. */
export class ActionInvalid extends Error {}

/**
 * The actions of one line: usually one, none when the line holds only actions that we do not know.
 *
 * @throws ActionInvalid when a required field is missing or of the wrong type
 */
export function parseActions(line: JsonValue): Action[] {
  if (!isJsonObject(line)) throw new ActionInvalid("it is not a JSON object");
  const actions: Action[] = [];
  for (const [kind, value] of Object.entries(line)) {
    const parse = PARSERS[kind as keyof typeof PARSERS];
    if (value === null || parse === undefined || !Object.hasOwn(PARSERS, kind)) continue;
    if (!isJsonObject(value)) throw new ActionInvalid(`${kind} is not an object`);
    actions.push(parse(withoutNulls(value)));
  }
  return actions;
}

const PARSERS = {
  protocol: (fields: Fields) => {
    requireNumber(fields, "protocol", "minReaderVersion");
    requireNumber(fields, "protocol", "minWriterVersion");
    for (const name of ["readerFeatures", "writerFeatures"]) {
      if (name in fields) requireStrings(fields, "protocol", name);
    }
    return { protocol: fields } as unknown as Action;
  },
  metaData: (fields: Fields) => {
    requireText(fields, "metaData", "id");
    const format = isJsonObject(fields["format"]) ? withoutNulls(fields["format"]) : {};
    const complete: Fields = {
      ...fields,
      format: { ...format, provider: format["provider"] ?? "parquet", options: format["options"] ?? {} },
      // Delta Spark takes a missing schema as one without columns; its own old tables have such metadata.
      schemaString: fields["schemaString"] ?? '{"type":"struct","fields":[]}',
      partitionColumns: fields["partitionColumns"] ?? [],
      configuration: fields["configuration"] ?? {},
    };
    requireText(complete, "metaData", "schemaString");
    requireStrings(complete, "metaData", "partitionColumns");
    requireMap(complete, "metaData", "configuration");
    return { metaData: complete } as unknown as Action;
  },
  add: (fields: Fields) => {
    checkFile(fields, "add");
    requireNumber(fields, "add", "size");
    fields["partitionValues"] ??= {};
    fields["modificationTime"] ??= 0;
    fields["dataChange"] ??= true;
    return { add: fields } as unknown as Action;
  },
  remove: (fields: Fields) => {
    checkFile(fields, "remove");
    fields["dataChange"] ??= true;
    return { remove: fields } as unknown as Action;
  },
  cdc: (fields: Fields) => {
    checkFile(fields, "cdc");
    return { cdc: fields } as unknown as Action;
  },
  txn: (fields: Fields) => {
    requireText(fields, "txn", "appId");
    requireLong(fields, "txn", "version");
    return { txn: fields } as unknown as Action;
  },
  domainMetadata: (fields: Fields) => {
    requireText(fields, "domainMetadata", "domain");
    return {
      domainMetadata: {
        ...fields,
        configuration: fields["configuration"] ?? "",
        removed: fields["removed"] ?? false,
      },
    } as unknown as Action;
  },
  commitInfo: (fields: Fields) => ({ commitInfo: fields }) as unknown as Action,
};

function checkFile(fields: Fields, kind: string): void {
  requireText(fields, kind, "path");
  if ("partitionValues" in fields) requireMap(fields, kind, "partitionValues");
  if ("stats" in fields && typeof fields["stats"] !== "string") delete fields["stats"];
  const vector = fields["deletionVector"];
  if (vector === undefined) return;
  if (!isJsonObject(vector)) throw new ActionInvalid(`${kind}.deletionVector is not an object`);
  fields["deletionVector"] = withoutNulls(vector);
  requireText(vector, `${kind}.deletionVector`, "storageType");
  requireText(vector, `${kind}.deletionVector`, "pathOrInlineDv");
  // What was deleted with a file that is gone nobody counts.
  if (kind === "add") requireLong(vector, "add.deletionVector", "cardinality");
}

/** Spark prints no nulls and reads them as absent; Parquet rows have one for each field that is not there. */
function withoutNulls(fields: Fields): Fields {
  // In place: a log has millions of these, and each was parsed for us alone.
  for (const name of Object.keys(fields)) if (fields[name] === null) delete fields[name];
  return fields;
}

function requireText(fields: Fields, kind: string, name: string): void {
  if (typeof fields[name] !== "string") throw new ActionInvalid(`${kind}.${name} is missing or no text`);
}

function requireNumber(fields: Fields, kind: string, name: string): void {
  if (typeof fields[name] !== "number") throw new ActionInvalid(`${kind}.${name} is missing or no number`);
}

function requireLong(fields: Fields, kind: string, name: string): void {
  const value = fields[name];
  const whole = typeof value === "bigint" || (typeof value === "number" && Number.isSafeInteger(value));
  if (!whole) throw new ActionInvalid(`${kind}.${name} is missing or no whole number`);
}

function requireStrings(fields: Fields, kind: string, name: string): void {
  const value = fields[name];
  if (!Array.isArray(value) || value.some((item) => typeof item !== "string")) {
    throw new ActionInvalid(`${kind}.${name} is no list of texts`);
  }
}

function requireMap(fields: Fields, kind: string, name: string): void {
  const value = fields[name];
  const entries = isJsonObject(value) ? Object.values(value) : undefined;
  if (!entries?.every((item) => item === null || typeof item === "string")) {
    throw new ActionInvalid(`${kind}.${name} is no map of texts`);
  }
}
