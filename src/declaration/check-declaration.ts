/**
 * A declaration as plain data, checked whole: a `Pipeline`, or every mistake at once, each with the path of its key. Pure; where the
 * data came from (YAML, flags, TypeScript) is the caller's business.
 */
import { isSchemaText, type AvroOptions } from "../formats/avro-options.ts";
import type { XmlOptions } from "../formats/xml-options.ts";
import { readPartition } from "../schema/computed-column.ts";
import { isJsonObject, type JsonValue } from "../base/lossless-json.ts";
import { absoluteLocation } from "./absolute-location.ts";
import { archivePolicyOf } from "./archive-policy.ts";
import { declarationShape, type CheckedDeclaration, type Pipeline } from "./declaration.ts";
import { findContradictions, findForeignFormats, rescuedDataColumnOf } from "./find-contradictions.ts";
import { describeValue, issueMistakes, nameOf, type Mistake } from "./mistakes.ts";
import { insteadOfKey, insteadOfValue, KEYS_NOT_YET } from "./not-yet.ts";
import { declarationSections } from "./options.ts";

export type CheckedPipeline =
  | { readonly ok: true; readonly pipeline: Pipeline }
  | { readonly ok: false; readonly mistakes: readonly Mistake[] };

/**
 * Checks a declaration and fills in its defaults. `baseFolder` is what relative locations are relative to: absolute, links
 * resolved, since a leading `..` is taken off its end; any other `..` is left to the file system, which follows links.
 *
 * Throws nothing for any value that JSON can hold.
 */
export function checkDeclaration(options: {
  readonly value: unknown;
  readonly baseFolder: string;
}): CheckedPipeline {
  const { value } = options;
  if (!isJsonObject(value)) {
    const message = `a declaration is a mapping of keys, not ${describeValue(value)}`;
    return { ok: false, mistakes: [{ path: [], at: "value", message }] };
  }
  const { rest, mistakes } = setAside(value);
  const result = declarationShape.safeParse(rest);
  if (result.success) mistakes.push(...findContradictions(result.data));
  else {
    mistakes.push(...issueMistakes({ issues: result.error.issues, value: rest }));
    mistakes.push(...findContradictions(sectionsThatHold(rest)));
  }
  mistakes.push(...findLostRules(rest), ...findForeignFormats(rest));
  const found = withoutEchoes(mistakes);
  if (found.length > 0 || !result.success) return { ok: false, mistakes: found };
  return { ok: true, pipeline: toPipeline(result.data, options.baseFolder) };
}

/** What this version refuses by name, and keys without a value, go before the shape is checked, so that each is said once. */
function setAside(value: Record<string, JsonValue>): {
  readonly rest: Record<string, JsonValue>;
  readonly mistakes: Mistake[];
} {
  const mistakes: Mistake[] = [];
  const sections = declarationSections().map((section) => section.key);
  const rest = { ...withoutRefused(value, "", sections, mistakes) };
  for (const section of sections) {
    const inner = rest[section];
    if (isJsonObject(inner)) rest[section] = withoutRefused(inner, section, [], mistakes);
  }
  return { rest, mistakes };
}

function withoutRefused(
  value: Record<string, JsonValue>,
  section: string,
  sections: readonly string[],
  mistakes: Mistake[],
): Record<string, JsonValue> {
  const kept: [string, JsonValue][] = [];
  for (const [key, inner] of Object.entries(value)) {
    const path = section === "" ? [key] : [section, key];
    const name = path.join(".");
    if (KEYS_NOT_YET[section]?.includes(key)) {
      mistakes.push({
        path,
        at: "key",
        message: `${name} is not supported by this version`,
        hint: "Leave it out.",
      });
    } else if (insteadOfKey(section, key) !== undefined) {
      const hint = insteadOfKey(section, key)!;
      mistakes.push({ path, at: "key", message: `${name} is no option here`, hint });
    } else if (insteadOfValue(name, inner) !== undefined) {
      const message = `${name}: ${describeValue(inner)} is not supported by this version`;
      mistakes.push({ path, at: "value", message, hint: insteadOfValue(name, inner)! });
    } else if (inner !== null) kept.push([key, inner]);
    // A section whose keys are all commented out is an empty one.
    else if (sections.includes(key)) kept.push([key, {}]);
    else
      mistakes.push({
        path,
        at: "key",
        message: `${name} has no value`,
        hint: "Give it one or leave it out.",
      });
  }
  return Object.fromEntries(kept);
}

/** zod leaves this one key out of a mapping without a word, and a rule that does not hold would not be missed. */
function findLostRules(value: Record<string, JsonValue>): Mistake[] {
  const rules = value["expect"];
  if (!isJsonObject(rules) || !Object.hasOwn(rules, "__proto__")) return [];
  return [{ path: ["expect", "__proto__"], at: "key", message: "expect: __proto__ cannot be a rule's name" }];
}

/** The sections that pass by themselves: contradictions among them are shown beside the mistakes of the others. */
function sectionsThatHold(value: Record<string, JsonValue>): Partial<CheckedDeclaration> {
  const { schema, source, table, json, archive } = declarationShape.shape;
  const checkedSource = source.safeParse(value["source"]);
  const checkedSchema = schema.safeParse(value["schema"]);
  const checkedTable = table.safeParse(value["table"]);
  const checkedJson = json.safeParse(value["json"]);
  const checkedArchive = archive.safeParse(value["archive"] ?? {});
  return {
    ...(checkedArchive.success ? { archive: checkedArchive.data } : {}),
    ...(checkedJson.success ? { json: checkedJson.data } : {}),
    ...(checkedSchema.success ? { schema: checkedSchema.data } : {}),
    ...(checkedSource.success ? { source: checkedSource.data } : {}),
    ...(checkedTable.success ? { table: checkedTable.data } : {}),
  };
}

/** Drops "is missing" where the key is there but misspelt or without a value. */
function withoutEchoes(mistakes: readonly Mistake[]): Mistake[] {
  const explained = new Set(
    mistakes.flatMap((mistake) => [
      ...(mistake.missing ? [] : [nameOf(mistake.path)]),
      ...(mistake.meantKey === undefined ? [] : [mistake.meantKey]),
    ]),
  );
  return mistakes.filter((mistake) => !mistake.missing || !explained.has(nameOf(mistake.path)));
}

function toPipeline(declared: CheckedDeclaration, baseFolder: string): Pipeline {
  const { pipeline, source, json, csv, avro, xml, text, schema, expect, table, trigger, limits, engine } =
    declared;
  return {
    name: pipeline,
    source: {
      ...source,
      location: absoluteLocation({ baseFolder, location: source.location }),
      format: source.format,
      pathGlobFilter: source.pathGlobFilter,
      ignore: source.ignore,
      marker: source.marker,
      backfill: source.backfill,
      modifiedAfter: source.modifiedAfter,
      modifiedBefore: source.modifiedBefore,
    },
    formats: { json, csv, avro: avroIn(avro, baseFolder), xml: xmlIn(xml, baseFolder), text },
    schema: {
      columns: schema.columns,
      hints: schema.hints ?? [],
      timeZone: schema.timeZone,
      rescuedDataColumn: rescuedDataColumnOf(schema),
      provenance: schema.provenance,
      prefersDecimal: schema.prefersDecimal,
      readerCaseSensitive: schema.readerCaseSensitive,
      evolutionMode: schema.evolutionMode ?? (schema.columns ? "rescue" : "addNewColumns"),
    },
    // A file that it names is for the caller to read.
    transform: undefined,
    expect: Object.entries(expect).map(([name, sql]) => ({ name, sql })),
    table: {
      ...partitionsOf(table.partitionBy),
      location: absoluteLocation({ baseFolder, location: table.location }),
      properties: table.properties,
      compaction: {
        autoCompact: table.autoCompact,
        minNumFiles: table["autoCompact.minNumFiles"],
        maxFileSize: table["autoCompact.maxFileSize"],
      },
      history: historyIn(table.history, baseFolder),
    },
    archive: archivePolicyOf(declared, baseFolder),
    quarantine:
      declared.quarantine.to === undefined
        ? undefined
        : { to: absoluteLocation({ baseFolder, location: declared.quarantine.to }) },
    trigger,
    limits: { ...limits, maxRejected: limits.maxRejected, maxQuarantined: limits.maxQuarantined },
    engine: { memory: engine.memory, threads: engine.threads, spill: engine.spill },
  };
}

/** A path is relative to the declaration. */
function avroIn(avro: AvroOptions, baseFolder: string): AvroOptions {
  const { avroSchema } = avro;
  if (avroSchema === undefined || isSchemaText(avroSchema)) return avro;
  return { avroSchema: absoluteLocation({ baseFolder, location: avroSchema }) };
}

function historyIn(history: boolean | string, baseFolder: string): true | string | undefined {
  if (typeof history === "string") return absoluteLocation({ baseFolder, location: history });
  return history ? true : undefined;
}

function xmlIn(xml: XmlOptions, baseFolder: string): XmlOptions {
  const { rowValidationXSDPath: path } = xml;
  if (path === undefined) return xml;
  return { ...xml, rowValidationXSDPath: absoluteLocation({ baseFolder, location: path }) };
}

function partitionsOf(texts: readonly string[]): Pick<Pipeline["table"], "partitionBy" | "computedColumns"> {
  const readings = texts.map(readPartition);
  const computed = readings.flatMap((reading) => (reading.kind === "computed" ? [reading.column] : []));
  const names = readings.map((reading, i) => (reading.kind === "computed" ? reading.column.name : texts[i]!));
  return { partitionBy: names, computedColumns: computed };
}
