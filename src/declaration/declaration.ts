/**
 * The declaration of a pipeline: each option stated once, with its type, default and meaning. The check of a file, the JSON Schema
 * for editors, the flags and docs/reference/declaration.md all come from here. Names follow Auto Loader where it has one.
 */
import { z } from "zod";
import { avroShape } from "../formats/avro-options.ts";
import { csvShape } from "../formats/csv-options.ts";
import type { FileFormat, FormatOptions } from "../formats/format-options.ts";
import { jsonShape } from "../formats/json-options.ts";
import { option } from "../formats/option.ts";
import { textShape } from "../formats/text-options.ts";
import { xmlShape } from "../formats/xml-options.ts";
import type { ComputedColumn } from "../schema/computed-column.ts";
import type { StructType } from "../schema/data-type.ts";
import type { SchemaHint } from "../schema/ddl.ts";
import type { EvolutionMode } from "../schema/evolution-mode.ts";
import type { ProvenanceColumn } from "../schema/provenance.ts";
import type { Backfill } from "./backfill.ts";
import type { Marker } from "./marker.ts";
import { archiveShape, quarantineShape } from "./shapes/archive-shape.ts";
import { expectShape } from "./shapes/expect-shape.ts";
import { engineShape, limitsShape } from "./shapes/limits-shape.ts";
import { schemaShape } from "./shapes/schema-shape.ts";
import { sourceShape, type GenerationKind, type OnOverwrite, type ReadOrder } from "./shapes/source-shape.ts";
import { tableShape } from "./shapes/table-shape.ts";
import { checked, named } from "./shapes/values.ts";
import { triggerShape, type Trigger } from "./trigger.ts";

/** A pipeline's name becomes a folder name and is compared by file systems that ignore case. */
export const PIPELINE_NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/;

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
    /** Patterns of names that are passed by; undefined: `UNFINISHED_NAMES`. */
    readonly ignore: readonly string[] | undefined;
    readonly ignoreHidden: boolean;
    /** Undefined: a file is finished once it has rested. */
    readonly marker: Marker | undefined;
    /** What is read first of what is there. */
    readonly order: ReadOrder;
    readonly backfill: Backfill | undefined;
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
    readonly compaction: {
      /** Undefined: as the table's property `delta.autoOptimize.autoCompact` says. */
      readonly autoCompact: boolean | undefined;
      readonly minNumFiles: number;
      readonly maxFileSize: number;
    };
    /** Where the history is published as a table: absolute, or true for the place below the table; undefined: nowhere. */
    readonly history: true | string | undefined;
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
    source: sourceShape.meta({ description: "Where files appear and which of them are read." }),
    json: jsonShape.prefault({}).meta({ description: "How JSON files are read." }),
    csv: csvShape.prefault({}).meta({ description: "How CSV files are read." }),
    avro: avroShape.prefault({}).meta({ description: "How Avro files are read." }),
    xml: xmlShape.prefault({}).meta({ description: "How XML files are read." }),
    text: textShape.prefault({}).meta({ description: "How text files are read." }),
    schema: schemaShape.prefault({}).meta({ description: "How values get their columns and types." }),
    transform: named("a SELECT, or the path of a .sql, .ts or .js file")
      .optional()
      .meta(
        option(
          "text",
          "What makes the table's rows of the files' rows: a SELECT over the relation `batch`, a file of one (`flatten.sql`), or a module (`flatten.ts`, `.mts`, `.js`, `.mjs`), relative to the declaration's folder. `schema` then speaks of `batch`, `expect` and `table` of what the transform gives. See docs/reference/transform.md.",
        ),
      ),
    expect: expectShape,
    table: tableShape.meta({ description: "The Delta table that the files end in." }),
    archive: archiveShape
      .prefault({})
      .meta({ description: "What becomes of files once their rows are committed. Left out: they stay." }),
    quarantine: quarantineShape.prefault({}).meta({ description: "Where files go that were quarantined." }),
    trigger: triggerShape
      .prefault("availableNow")
      .meta(
        option(
          "trigger",
          "When the pipeline runs: `availableNow` reads what is there, in batches, and ends. The others go on until they are stopped: `continuous` reads what arrives as it arrives, `every` looks again and again, `cron` once at its start and then at the times of an expression (in UTC unless `timeZone` says otherwise).",
        ),
      ),
    limits: limitsShape
      .prefault({})
      .meta({ description: "Bounds of a batch and of what a single file may do." }),
    engine: engineShape.prefault({}).meta({ description: "What the engine may use of the machine." }),
  })
  .meta({ title: "Landfall pipeline", description: "Files land; a Delta table updates; exactly once." });

/** What people write, before defaults. */
export type Declaration = z.input<typeof declarationShape>;

/** What zod gives back: defaults in, DDL parsed, locations still as written. */
export type CheckedDeclaration = z.output<typeof declarationShape>;
