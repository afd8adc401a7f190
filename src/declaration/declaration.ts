/**
 * The declaration of a pipeline: each option stated once, with its type, default and meaning. The check of a file, the JSON Schema
 * for editors, the flags and docs/reference/declaration.md all come from here. Names follow Auto Loader where it has one.
 */
import { z } from "zod";
import { parseBytes, parseDuration } from "../base/units.ts";
import { avroShape } from "../formats/avro-options.ts";
import { csvShape } from "../formats/csv-options.ts";
import { jsonShape } from "../formats/json-options.ts";
import { textShape } from "../formats/text-options.ts";
import { xmlShape } from "../formats/xml-options.ts";
import { FORMATS, type FileFormat, type FormatOptions } from "../formats/format-options.ts";
import { option } from "../formats/option.ts";
import { readDdl, readHints, type DdlReading, type SchemaHint } from "../schema/ddl.ts";
import type { StructType } from "../schema/data-type.ts";
import { readProvenance, type ProvenanceColumn } from "../schema/provenance.ts";
import type { ComputedColumn } from "../schema/computed-column.ts";
import { EVOLUTION_MODES, type EvolutionMode } from "../schema/evolution-mode.ts";
import { triggerShape, type Trigger } from "./trigger.ts";
import {
  archiveFolderFault,
  locationFault,
  partitionFault,
  pathColumnFault,
  plainFolderFault,
  timeZoneFault,
  type ValueFault,
} from "./value-faults.ts";

/** A pipeline's name becomes a folder name and is compared by file systems that ignore case. */
export const PIPELINE_NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/;

/** The values of the options that offer a choice. */
export const ON_OVERWRITE = ["ignore", "append", "fail"] as const;
export const GENERATIONS = ["mtime", "contentHash"] as const;
export const CLEAN_SOURCE = ["OFF", "MOVE", "DELETE"] as const;

/** A rule's name stands in rejects and messages; one of digits alone would leave the order of the file. */
const RULE_NAME = /^[A-Za-z][\w-]{0,62}$/;

export type OnOverwrite = (typeof ON_OVERWRITE)[number];
export type GenerationKind = (typeof GENERATIONS)[number];

/** A rule that rows must hold: an SQL expression over the table's columns. The engine judges what it may be. */
export interface Expectation {
  readonly name: string;
  readonly sql: string;
}

/**
 * Rows of the files are the relation `batch` for a SELECT, or the chunks of a module. `name` is how messages call it: the file's name, or
 * `transform`.
 */
export type DeclaredTransform =
  | { readonly kind: "sql"; readonly name: string; readonly sql: string }
  /** `path` is absolute. */
  | { readonly kind: "module"; readonly name: string; readonly path: string };

/** What becomes of a file that was committed, `afterMs` after its commit. */
export type ArchivePolicy =
  /** `to` is absolute, and may hold date parts: `/data/archive/{yyyy}/{MM}`. */
  | { readonly kind: "move"; readonly to: string; readonly afterMs: number }
  | { readonly kind: "delete"; readonly afterMs: number };

/** A declaration with every default filled in, DDL parsed, sizes in bytes and locations absolute. */
export interface Pipeline {
  /** Undefined: the caller takes `defaultPipelineName`, which needs the source's canonical location. */
  readonly name: string | undefined;
  readonly source: {
    /** Absolute path of a folder or file, or an absolute glob: `splitSourceArguments` tells which. */
    readonly location: string;
    /** Undefined: told by the names of the files. */
    readonly format: FileFormat | undefined;
    readonly pathGlobFilter: string | undefined;
    readonly recursiveFileLookup: boolean;
    readonly includeExistingFiles: boolean;
    /** Milliseconds since the epoch: only files that were last modified after, and before; undefined: at any time. */
    readonly modifiedAfter: number | undefined;
    readonly modifiedBefore: number | undefined;
    readonly onOverwrite: OnOverwrite;
    readonly generation: GenerationKind;
    /** Keys of Hive-style folders that become columns. */
    readonly partitionColumns: readonly string[];
  };
  /** How files of each format are read. */
  readonly formats: FormatOptions;
  readonly schema: {
    /** The explicit schema; undefined when columns are inferred. */
    readonly columns: StructType | undefined;
    readonly hints: readonly SchemaHint[];
    readonly timeZone: string;
    /** Undefined: `none`, without a column for what fits no other. */
    readonly rescuedDataColumn: string | undefined;
    /** `rescue` where `columns` are given and nothing else is stated; never `addNewColumns` then. */
    readonly evolutionMode: EvolutionMode;
    readonly provenance: readonly ProvenanceColumn[];
    readonly prefersDecimal: boolean;
    readonly readerCaseSensitive: boolean;
  };
  /** What makes the table's rows of the files' rows; undefined: nothing does, they are the same. */
  readonly transform: DeclaredTransform | undefined;
  /** In the order in which they are written. */
  readonly expect: readonly Expectation[];
  readonly table: {
    readonly location: string;
    /** Columns, those that are computed among them. */
    readonly partitionBy: readonly string[];
    readonly computedColumns: readonly ComputedColumn[];
    readonly properties: Readonly<Record<string, string>>;
  };
  /** What becomes of files that were committed; undefined: they stay. */
  readonly archive: ArchivePolicy | undefined;
  /** Where files that were quarantined go, absolute; undefined: they stay. */
  readonly quarantine: { readonly to: string } | undefined;
  readonly trigger: Trigger;
  readonly limits: {
    readonly maxFilesPerTrigger: number;
    /** Bytes, like all sizes here. */
    readonly maxBytesPerTrigger: number;
    readonly maxRecordBytes: number;
    readonly maxDepth: number;
    readonly maxColumns: number;
    readonly maxPartitions: number;
    /** How many times its own size a compressed file may grow to. */
    readonly expansion: number;
    readonly maxExpandedBytes: number;
    /** Undefined, here and below: any number. */
    readonly maxRejected: number | undefined;
    readonly maxQuarantined: number | undefined;
    /** Of a module, for one batch. */
    readonly transformSeconds: number;
    readonly transformMemory: number;
  };
  readonly engine: {
    /** Undefined, here and below: the engine takes its share of the machine. */
    readonly memory: number | undefined;
    readonly threads: number | undefined;
    readonly spill: number | undefined;
  };
}

function checked(findFault: (text: string) => ValueFault | undefined) {
  return z.string().superRefine((text, context) => {
    const fault = findFault(text);
    if (fault) context.addIssue({ code: "custom", message: fault.message, params: { ...fault } });
  });
}

function ddl<Value>(read: (text: string) => DdlReading<Value>) {
  return z.string().transform((text, context) => {
    const result = read(text);
    if (result.ok) return result.value;
    const { reason, hint, offset } = result.fault;
    context.addIssue({
      code: "custom",
      message: `cannot be read as DDL: ${reason}`,
      params: { hint, offset },
    });
    return z.NEVER;
  });
}

function provenanceColumn() {
  return z.string().transform((text, context) => {
    const result = readProvenance(text);
    if (result.ok) return result.value;
    const { message, suggestion } = result;
    context.addIssue({ code: "custom", message, params: { suggestion } });
    return z.NEVER;
  });
}

function size() {
  return z
    .union([z.int(), z.string()], { error: "must be a size such as 10g, 512m or 1000000 (bytes)" })
    .transform((value, context) => {
      const bytes = typeof value === "number" ? value : parseBytes(value);
      if (bytes !== undefined && bytes > 0) return bytes;
      context.addIssue({
        code: "custom",
        message: "must be a size above zero such as 10g, 512m or 1000000 (bytes)",
      });
      return z.NEVER;
    });
}

function duration() {
  return z.string().transform((value, context) => {
    const milliseconds = parseDuration(value);
    if (milliseconds !== undefined) return milliseconds;
    context.addIssue({ code: "custom", message: "must be a duration such as 7d, 12h or 30 days" });
    return z.NEVER;
  });
}

/** Of ISO 8601 and Spark's way of writing it, as milliseconds since the epoch. */
function instant() {
  return z.string().transform((text, context) => {
    const match =
      /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:\d{2})?)?$/.exec(text);
    const [, day, time = "00:00", zone = "Z"] = match ?? [];
    const milliseconds = match === null ? Number.NaN : Date.parse(`${day}T${time}${zone}`);
    // A day that no month has is moved into the next one without a word.
    if (!Number.isNaN(milliseconds) && new Date(Date.parse(`${day}T00:00Z`)).toISOString().startsWith(day!))
      return milliseconds;
    context.addIssue({
      code: "custom",
      message: `must be an instant such as 2026-01-31T00:00:00Z, not ${JSON.stringify(text)}`,
    });
    return z.NEVER;
  });
}

function named(what: string) {
  return checked((text) => (text.trim() === "" ? { message: `must be ${what}, not empty` } : undefined));
}

const source = z.strictObject({
  location: checked(locationFault).meta(
    option(
      "location",
      "Where files appear: a folder, a file, or a glob. Relative to the declaration's folder. A glob's literal beginning is the pipeline's source; the rest filters it.",
    ),
  ),
  format: z
    .enum(FORMATS)
    .optional()
    .meta(
      option("choice", "The files' format. Left out: told by their names. Compression is told by content."),
    ),
  pathGlobFilter: checked((text) => {
    if (text === "") return { message: "must be a glob, not empty" };
    if (!text.includes("/")) return undefined;
    return {
      message: "is compared with file names, which hold no /",
      hint: "Put folders into source.location: `in/2024-*/*.json`.",
    };
  })
    .optional()
    .meta(option("text", "Only files whose name (not path) matches this glob, such as `*.json`.")),
  recursiveFileLookup: z
    .boolean()
    .default(true)
    .meta(option("boolean", "Whether files in folders below the location are read too.")),
  includeExistingFiles: z
    .boolean()
    .default(true)
    .meta(
      option(
        "boolean",
        "Whether the files that are there at the pipeline's first start are read. Looked at only then.",
      ),
    ),
  modifiedAfter: instant()
    .optional()
    .meta(
      option(
        "text",
        "Only files that were last modified after this instant, such as `2026-01-31T00:00:00Z`; a time without a zone is in UTC.",
      ),
    ),
  modifiedBefore: instant()
    .optional()
    .meta(option("text", "Only files that were last modified before this instant.")),
  onOverwrite: z
    .enum(ON_OVERWRITE)
    .default("ignore")
    .meta(
      option(
        "choice",
        "What happens when a file that was read changes: `ignore` counts and shows it, `append` reads it as more rows, `fail` stops the run.",
      ),
    ),
  generation: z
    .enum(GENERATIONS)
    .default("mtime")
    .meta(
      option(
        "choice",
        "What tells two states of one file apart: size and modification time, or also a hash of the content (reads every file once more).",
      ),
    ),
  partitionColumns: z
    .array(checked(pathColumnFault))
    .default([])
    .meta(
      option(
        "list",
        "Keys of Hive-style folders (`year=2024/`) in the files' paths that become columns: STRING unless `schema.hints` or `schema.columns` give a type. Null where a path lacks the key; a file whose value does not fit the type is quarantined.",
      ),
    ),
  cleanSource: z
    .enum(CLEAN_SOURCE)
    .optional()
    .meta(
      option(
        "choice",
        "Auto Loader's name for `archive`: `MOVE` is `archive.to`, `DELETE` is `archive.delete`. A file counts as processed from its commit on; every later run tidies, also one that finds nothing new.",
      ),
    ),
  "cleanSource.retentionDuration": duration()
    .optional()
    .meta(
      option(
        "duration",
        "How long after its commit a file is moved or deleted, with `cleanSource`. Left out: 30 days. `DELETE` needs more than 7 days, as on Databricks; `archive.after` needs no such time.",
      ),
    ),
  "cleanSource.moveDestination": checked(archiveFolderFault)
    .optional()
    .meta(
      option(
        "text",
        "Where `cleanSource: MOVE` moves to: `archive.to`. Unlike on Databricks it may be on another file system.",
      ),
    ),
});

const schema = z.strictObject({
  columns: ddl(readDdl)
    .optional()
    .meta(
      option(
        "ddl",
        "The explicit schema as Spark DDL, such as `id BIGINT, at TIMESTAMP`. Keys that it does not name become no columns; those that it names and the table lacks are added.",
      ),
    ),
  hints: ddl(readHints)
    .optional()
    .meta(
      option(
        "ddl",
        "Types of some columns where the others are inferred, as DDL with dotted paths: `at TIMESTAMP, a.b INT, tags.element STRING`. `element` means an array's elements; `key` and `value` mean a map's where the table, another hint (`m MAP<STRING, STRING>`) or a Parquet or Avro file has a map there, and are fields otherwise.",
      ),
    ),
  timeZone: checked(timeZoneFault)
    .default("UTC")
    .meta(option("text", "What a time without zone means: an IANA name such as `Europe/Berlin`.")),
  rescuedDataColumn: named("a column name")
    .optional()
    .meta(
      option(
        "text",
        "The column that keeps, as JSON, the values that fit no column. Left out: `_rescued_data`, and none with `evolutionMode: none`.",
      ),
    ),
  evolutionMode: z
    .enum(EVOLUTION_MODES)
    .optional()
    .meta(
      option(
        "choice",
        "What happens to a new key: `addNewColumns`, the rule unless `columns` are given, adds a column for it; `rescue`, the rule with `columns`, keeps it in the rescued-data column; `failOnNewColumns` fails the batch and names it; `none` leaves it out and counts the rows. A new table takes the keys of its first batch in every mode.",
      ),
    ),
  provenance: z
    .array(provenanceColumn())
    .default([])
    .meta(
      option(
        "list",
        "Columns that tell where a row came from: any of `file_path`, `file_name`, `file_size`, `file_modification_time`, `record_number` (from 1 in its file), `ingest_time`, `batch_id`; `file_path AS source_file` names the column. A key of the data of that name is rescued.",
      ),
    ),
  prefersDecimal: z
    .boolean()
    .default(false)
    .meta(
      option(
        "boolean",
        "Whether numbers with a fraction, or beyond 64 bits, become DECIMAL with as many digits as the first batch that has them shows (up to 38) instead of DOUBLE or STRING. A later number with more digits is rescued: give a wide DECIMAL in `hints` where amounts grow.",
      ),
    ),
  readerCaseSensitive: z
    .boolean()
    .default(true)
    .meta(
      option(
        "boolean",
        "Whether a key that differs from a column's name by case only is another key, which is rescued. With `false` it goes into the column; where a record has both, the one spelt like the column does.",
      ),
    ),
});

const expect = z
  .record(
    checked((text) =>
      RULE_NAME.test(text)
        ? undefined
        : { message: "must be 1 to 63 letters, digits, _ and -, the first a letter" },
    ),
    named("an SQL expression"),
  )
  .default({})
  .meta(
    option(
      "rules",
      "Rules that rows must hold: a name and one SQL expression over the table's columns, such as `has_id: event_id IS NOT NULL`. A row for which one is false, or cannot be computed, is rejected with the first such rule's name and kept as JSON; null is no breach, as in SQL's CHECK. Subqueries, aggregates, clocks and functions that see anything but the row are refused.",
    ),
  );

const table = z.strictObject({
  location: checked(locationFault).meta(
    option(
      "location",
      "The folder of the Delta table, made if it is missing. Relative to the declaration's folder.",
    ),
  ),
  partitionBy: z
    .array(checked(partitionFault))
    .default([])
    .meta(
      option(
        "list",
        "What a new table is partitioned by, outermost first: columns, or `date(at)`, `year(at)`, `month(at)`, `day(at)`, `hour(at)` of a date or time in `schema.timeZone`, which are columns of their own: `at_date`, or the name in `date(at) AS day`. An existing table keeps its own; another one is refused.",
      ),
    ),
  properties: z
    .record(named("a property's name"), z.string())
    .default({})
    .meta(
      option("map", 'Delta table properties of a new table; values are text: `delta.appendOnly: "true"`.'),
    ),
});

const archive = z.strictObject({
  to: checked(archiveFolderFault)
    .optional()
    .meta(
      option(
        "text",
        "The folder that files are moved to once their rows are committed, with the folders that they lay in. It may end in date parts, `archive/{yyyy}/{MM}/{dd}` (and `{HH}`): of the batch that read the file, in UTC. Relative to the declaration's folder. Nothing there is ever overwritten: where a name is taken, the file goes into a folder named by its generation, beside it.",
      ),
    ),
  delete: z
    .boolean()
    .optional()
    .meta(option("boolean", "Whether files are deleted once their rows are committed, instead of moved.")),
  after: duration()
    .optional()
    .meta(
      option(
        "duration",
        "How long after its commit a file is moved or deleted. Left out: at once with `to`, 30 days with `delete`.",
      ),
    ),
});

const quarantine = z.strictObject({
  to: checked(plainFolderFault)
    .optional()
    .meta(
      option(
        "text",
        "The folder that quarantined files are moved to, each with a `<name>.reason.json` beside it. Left out: they stay in the source. Relative to the declaration's folder.",
      ),
    ),
});

const limits = z.strictObject({
  maxFilesPerTrigger: z.int().min(1).default(50_000).meta(option("count", "Files of one batch, at most.")),
  maxBytesPerTrigger: size()
    .prefault("10g")
    .meta(
      option("size", "Bytes of one batch, at most, except that a single larger file is a batch of its own."),
    ),
  maxRecordBytes: size()
    .prefault("64m")
    .meta(
      option("size", "A longer record is rejected; a file of Avro or XML that holds one is quarantined."),
    ),
  maxDepth: z
    .int()
    .min(1)
    .default(40)
    .meta(
      option(
        "count",
        "Levels of nesting. A record of JSON that is nested deeper is rejected; a file of another format is quarantined. At 42 levels of structs delta-rs can no longer read the table.",
      ),
    ),
  maxColumns: z
    .int()
    .min(1)
    .default(10_000)
    .meta(
      option(
        "count",
        "Columns of the table, nested fields included. A batch that would add more is refused, with the keys that it would add counted.",
      ),
    ),
  maxPartitions: z
    .int()
    .min(1)
    .default(1000)
    .meta(option("count", "A batch that would write more partitions than these is refused.")),
  expansion: z
    .int()
    .min(1)
    .default(200)
    .meta(option("count", "A compressed file that grows more than so many times is quarantined.")),
  maxExpandedBytes: size()
    .prefault("100g")
    .meta(option("size", "A compressed file that grows past this size is quarantined.")),
  maxRejected: z
    .int()
    .min(0)
    .optional()
    .meta(option("count", "A batch that would reject more records is not committed, and the run ends.")),
  maxQuarantined: z
    .int()
    .min(0)
    .optional()
    .meta(option("count", "A batch that would quarantine more files is not committed, and the run ends.")),
  transformSeconds: z
    .int()
    .min(1)
    .default(600)
    .meta(option("count", "Seconds that a `transform` may take for one batch.")),
  transformMemory: size().prefault("1g").meta(option("size", "Memory that a `transform` module may use.")),
});

const engine = z.strictObject({
  memory: size()
    .optional()
    .meta(
      option(
        "size",
        "Memory for the engine. Left out: 512 MB. A write that needs more is done again by one thread, which holds less: slower, but it takes rows of tens of megabytes.",
      ),
    ),
  threads: z
    .int()
    .min(1)
    .max(1024)
    .optional()
    .meta(option("count", "Threads of the engine. Left out: one for each core.")),
  spill: size()
    .optional()
    .meta(option("size", "Disk that the engine may spill to. Left out: what is free, within reason.")),
});

/** The whole declaration. Unknown keys are errors at every level; only the two locations are required. */
export const declarationShape = z
  .strictObject({
    pipeline: checked((text) =>
      PIPELINE_NAME.test(text)
        ? undefined
        : {
            message: "must be 1 to 63 of the characters a-z, 0-9, _ and -, the first a letter or digit",
            hint: "The name becomes a folder beside the table, on file systems that may ignore case.",
          },
    )
      .optional()
      .meta(
        option(
          "text",
          "The pipeline's name. Left out: the source's last folder and eight hex digits of a hash of its path.",
        ),
      ),
    source: source.meta({ description: "Where files appear and which of them are read." }),
    json: jsonShape.prefault({}).meta({ description: "How JSON files are read." }),
    csv: csvShape.prefault({}).meta({ description: "How CSV files are read." }),
    avro: avroShape.prefault({}).meta({ description: "How Avro files are read." }),
    xml: xmlShape.prefault({}).meta({ description: "How XML files are read." }),
    text: textShape.prefault({}).meta({ description: "How text files are read." }),
    schema: schema.prefault({}).meta({ description: "How values get their columns and types." }),
    transform: named("a SELECT, or the path of a .sql, .ts or .js file")
      .optional()
      .meta(
        option(
          "text",
          "What makes the table's rows of the files' rows: a SELECT over the relation `batch`, a file of one (`flatten.sql`), or a module (`flatten.ts`, `.mts`, `.js`, `.mjs`), relative to the declaration's folder. `schema` then speaks of `batch`, `expect` and `table` of what the transform gives. See docs/reference/transform.md.",
        ),
      ),
    expect,
    table: table.meta({ description: "The Delta table that the files end in." }),
    archive: archive
      .prefault({})
      .meta({ description: "What becomes of files once their rows are committed. Left out: they stay." }),
    quarantine: quarantine.prefault({}).meta({ description: "Where files go that were quarantined." }),
    trigger: triggerShape
      .prefault("availableNow")
      .meta(
        option(
          "trigger",
          "When the pipeline runs: `availableNow` reads what is there, in batches, and ends. The others go on until they are stopped: `continuous` reads what arrives as it arrives, `every` looks again and again, `cron` at the times of an expression (in UTC unless `timeZone` says otherwise).",
        ),
      ),
    limits: limits.prefault({}).meta({ description: "Bounds of a batch and of what a single file may do." }),
    engine: engine.prefault({}).meta({ description: "What the engine may use of the machine." }),
  })
  .meta({ title: "Landfall pipeline", description: "Files land; a Delta table updates; exactly once." });

/** What people write, before defaults. */
export type Declaration = z.input<typeof declarationShape>;

/** What zod gives back: defaults in, DDL parsed, locations still as written. */
export type CheckedDeclaration = z.output<typeof declarationShape>;
