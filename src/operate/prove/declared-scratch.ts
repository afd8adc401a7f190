/**
 * A person's own declaration as a scratch pipeline: its schema, table options and limits on data made to fit them. Location, name and
 * table are replaced; batches are small, and checkpoints, engine and files' names are those of scratch pipelines.
 */
import { LandfallError } from "../../base/landfall-error.ts";
import type { JsonValue } from "../../base/lossless-json.ts";
import type { Pipeline } from "../../declaration/declaration.ts";
import { readYaml } from "../../declaration/read-yaml.ts";
import { nullableField, type StructField, type StructType } from "../../schema/data-type.ts";
import { widensTypes } from "../../schema/evolution-mode.ts";
import { hintsAsSchema } from "../../schema/hints.ts";
import type { ScratchData } from "./scratch-data.ts";
import { SCRATCH_BATCH, SCRATCH_NAME, type ScratchPipelines } from "./scratch-pipelines.ts";
import { canGrow, columnOf, type ColumnRole } from "./scratch-values.ts";

/** A declaration that has been checked, with the text that it was read from. */
export interface DeclaredPipeline {
  readonly pipeline: Pipeline;
  readonly text: string;
}

/** @throws LandfallError PROVE_UNSUITED naming what no scratch data can be made for */
export function declaredScratch({ pipeline, text }: DeclaredPipeline): ScratchPipelines {
  const { source } = pipeline;
  if (source.onOverwrite === "fail")
    throw unsuited(
      "source.onOverwrite: fail",
      "scratch files are overwritten, and such a run would end there",
    );
  if (!source.includeExistingFiles)
    throw unsuited(
      "source.includeExistingFiles: false",
      "its first run reads nothing, so most points are never reached; `landfall prove` without a declaration covers it",
    );
  if (pipeline.expect.length > 0)
    throw unsuited("expect", "nothing says which scratch rows its rules let through");
  if (pipeline.transform !== undefined)
    throw unsuited("transform", "nothing says which rows it makes of scratch rows");
  if (source.generation !== "mtime")
    throw unsuited(`source.generation: ${source.generation}`, "scratch files are told apart by their times");
  if (source.partitionColumns.length > 0)
    throw unsuited("source.partitionColumns", "scratch files lie in folders of their own");
  if (pipeline.table.computedColumns.length > 0)
    throw unsuited("table.partitionBy with expressions", "scratch data has no instants of its own");
  const { evolutionMode } = pipeline.schema;
  if (evolutionMode === "failOnNewColumns" || evolutionMode === "none")
    throw unsuited(
      `schema.evolutionMode: ${evolutionMode}`,
      "scratch files bring new keys, whose values are looked for",
    );
  return {
    kinds: [source.onOverwrite],
    declaration: () => scratchCopy({ pipeline, text }),
    data: dataFor(pipeline),
  };
}

type Section = Readonly<Record<string, JsonValue>>;

/** JSON is YAML. What is not named here stays as it was written. */
function scratchCopy({ pipeline, text }: DeclaredPipeline): string {
  const reading = readYaml(text);
  const whole = (reading.readable ? reading.value : {}) as Readonly<Record<string, Section | undefined>>;
  // What chooses or holds back files would choose among files that are made here.
  const {
    pathGlobFilter: _filter,
    ignore: _ignore,
    marker: _marker,
    backfill: _backfill,
    ...written
  } = whole["source"] ?? {};
  // Nothing of a scratch pipeline may go where a person's files go.
  const { archive: _archive, quarantine: _quarantine, ...others } = whole;
  const source = Object.fromEntries(
    Object.entries(written).filter(([key]) => !key.startsWith("cleanSource")),
  );
  const table = whole["table"] ?? {};
  const limits = whole["limits"] ?? {};
  const properties = {
    ...(table["properties"] as Section | undefined),
    "delta.checkpointInterval": String(SCRATCH_BATCH),
  };
  const maxFilesPerTrigger = Math.min(SCRATCH_BATCH, pipeline.limits.maxFilesPerTrigger);
  const copy = {
    ...others,
    pipeline: SCRATCH_NAME,
    source: { ...source, location: "in" },
    table: { ...table, location: "table", properties },
    limits: { ...limits, maxFilesPerTrigger },
    engine: { memory: "512m", threads: 1 },
  };
  return `${JSON.stringify(copy, undefined, 2)}\n`;
}

function dataFor(pipeline: Pipeline): ScratchData {
  const format = formatOf(pipeline);
  if (format !== "json" && format !== "csv")
    throw unsuited(`source.format: ${format}`, "scratch data is JSON or CSV");
  if (pipeline.formats[format].mode === "FAILFAST")
    throw unsuited(`${format}.mode: FAILFAST`, "some scratch files hold broken records");
  if (pipeline.formats[format].columnNameOfCorruptRecord !== undefined)
    throw unsuited(`${format}.columnNameOfCorruptRecord`, "broken records are to be rejected and counted");
  const stated = pipeline.schema.columns ?? statedByHints(pipeline);
  const id = idColumn(pipeline, stated);
  const others = stated.fields.filter(({ name }) => name !== id);
  const taken = new Set([id, ...others.map(({ name }) => name)].map((name) => name.toLowerCase()));
  const odd = [...taken].find((name) => format === "csv" && /[",\r\n]/.test(name));
  if (odd !== undefined) throw unsuited(`the column ${odd}`, "scratch CSV has plain column names");
  const partitions = new Set(pipeline.table.partitionBy.map((name) => name.toLowerCase()));
  const isPartition = ({ name }: StructField): boolean => partitions.has(name.toLowerCase());
  const misfit = others.find(
    (field) => field.nullable && !isPartition(field) && typeof field.type === "string" && canMisfit(field),
  );
  const mayGrow = widensTypes(pipeline.schema.evolutionMode);
  const roleOf = (field: StructField): ColumnRole => {
    if (isPartition(field)) return "partition";
    if (field === misfit) return "misfit";
    return mayGrow && canGrow(field.type) ? "growing" : "plain";
  };
  const columns = others.map((field) => {
    const role = roleOf(field);
    const column = columnOf(field, { format, role });
    if (column === undefined && !field.nullable)
      throw unsuited(`the NOT NULL column ${field.name}`, `scratch ${format} has no value of its type`);
    return column;
  });
  return {
    format,
    ending: format === "csv" ? ".csv" : ".ndjson",
    inFolders: pipeline.source.recursiveFileLookup,
    idColumn: id,
    columns: columns.filter((column) => column !== undefined),
    lateKey: ["gate", "late_gate", "later_gate"].find((name) => !taken.has(name)) ?? `${id}_gate`,
  };
}

function canMisfit({ type }: StructField): boolean {
  return type !== "string" && type !== "binary";
}

/** What hints and partitions state, and a column of numbers that nothing states. */
function statedByHints(pipeline: Pipeline): StructType {
  const hinted = hintsAsSchema(pipeline.schema.hints).fields;
  const has = (name: string): boolean =>
    hinted.some((field) => field.name.toLowerCase() === name.toLowerCase());
  const partitions = pipeline.table.partitionBy
    .filter((name) => !has(name))
    .map((name) => nullableField(name, "string"));
  const isPartition = partitions.some(({ name }) => name.toLowerCase() === "load");
  const load = has("load") || isPartition ? [] : [nullableField("load", "double")];
  return { type: "struct", fields: [...hinted, ...partitions, ...load] };
}

/** The column that tells rows apart: text, and no partition. */
function idColumn(pipeline: Pipeline, stated: StructType): string {
  const partitions = new Set(pipeline.table.partitionBy.map((name) => name.toLowerCase()));
  const fit = stated.fields.find(
    ({ name, type }) => type === "string" && !partitions.has(name.toLowerCase()) && /^\w+$/.test(name),
  );
  if (fit !== undefined) return fit.name;
  if (pipeline.schema.columns !== undefined)
    throw unsuited("schema.columns", "rows are told apart by a STRING column, and none is free for that");
  const taken = new Set(stated.fields.map(({ name }) => name.toLowerCase()));
  return ["id", "scratch_id", "landfall_scratch_id"].find((name) => !taken.has(name)) ?? "scratch_row_id";
}

function formatOf({ source }: Pipeline): NonNullable<Pipeline["source"]["format"]> {
  if (source.format !== undefined) return source.format;
  const ending = /\.(json|ndjson|jsonl|csv|parquet|avro|xml)(\.gz|\.gzip)?$/i.exec(
    source.pathGlobFilter ?? source.location,
  );
  const named = ending?.[1]?.toLowerCase();
  if (named === "csv" || named === "parquet" || named === "avro" || named === "xml") return named;
  if (named !== undefined) return "json";
  throw unsuited("a source.format that is left out", "scratch files have names of their own", "Name it.");
}

function unsuited(what: string, why: string, hint?: string): LandfallError {
  return new LandfallError("PROVE_UNSUITED", {
    message: `prove makes no scratch data for ${what}: ${why}.`,
    hint:
      hint ?? "Prove a copy of the declaration without it, or run `landfall prove` without a declaration.",
  });
}
