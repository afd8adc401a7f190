/**
 * What people write as a declaration, before defaults: each option with its meaning.
 *
 * Generated from src/declaration/declaration.ts by `node tools/docs.ts`; change it there.
 */
export interface Declaration {
  /** The pipeline's name. Left out: the source's last folder and eight hex digits of a hash of its path. */
  readonly pipeline?: string | undefined;
  /** Where files appear and which of them are read. */
  readonly source: DeclaredSource;
  /** How JSON files are read. */
  readonly json?: DeclaredJson | undefined;
  /** How CSV files are read. */
  readonly csv?: DeclaredCsv | undefined;
  /** How Avro files are read. */
  readonly avro?: DeclaredAvro | undefined;
  /** How XML files are read. */
  readonly xml?: DeclaredXml | undefined;
  /** How text files are read. */
  readonly text?: DeclaredText | undefined;
  /** How values get their columns and types. */
  readonly schema?: DeclaredSchema | undefined;
  /**
   * What makes the table's rows of the files' rows: a SELECT over the relation `batch`, a file of one (`flatten.sql`), or a module
   * (`flatten.ts`, `.mts`, `.js`, `.mjs`), relative to the declaration's folder. `schema` then speaks of `batch`, `expect` and `table` of
   * what the transform gives. See docs/reference/transform.md.
   */
  readonly transform?: string | undefined;
  /**
   * Rules that rows must hold: a name and one SQL expression over the table's columns, such as `has_id: event_id IS NOT NULL`. A row for
   * which one is false, or cannot be computed, is rejected with the first such rule's name and kept as JSON; null is no breach, as in SQL's
   * CHECK. Subqueries, aggregates, clocks and functions that see anything but the row are refused.
   */
  readonly expect?: { readonly [name: string]: string } | undefined;
  /** The Delta table that the files end in. */
  readonly table: DeclaredTable;
  /** What becomes of files once their rows are committed. Left out: they stay. */
  readonly archive?: DeclaredArchive | undefined;
  /** Where files go that were quarantined. */
  readonly quarantine?: DeclaredQuarantine | undefined;
  /**
   * When the pipeline runs: `availableNow` reads what is there, in batches, and ends. The others go on until they are stopped: `continuous`
   * reads what arrives as it arrives, `every` looks again and again, `cron` once at its start and then at the times of an expression (in
   * UTC unless `timeZone` says otherwise). Default: `"availableNow"`.
   */
  readonly trigger?: "availableNow" | "continuous" | { readonly every: string } | { readonly cron: string; readonly timeZone?: string | undefined } | undefined;
  /** Bounds of a batch and of what a single file may do. */
  readonly limits?: DeclaredLimits | undefined;
  /** What the engine may use of the machine. */
  readonly engine?: DeclaredEngine | undefined;
}

/** Where files appear and which of them are read. */
export interface DeclaredSource {
  /**
   * Where files appear: a folder, a file, or a glob. Relative to the declaration's folder. A glob's literal beginning is the pipeline's
   * source; the rest filters it.
   */
  readonly location: string;
  /**
   * The files' format. Left out: told by their names; once a batch has been read, a name that tells none is no obstacle. Compression is
   * told by content.
   */
  readonly format?: "json" | "csv" | "parquet" | "avro" | "xml" | "text" | "binaryFile" | undefined;
  /** Only files whose name (not path) matches this glob, such as `*.json`. */
  readonly pathGlobFilter?: string | undefined;
  /**
   * Names of files and folders that are passed by, as globs, since what they name is not finished. Left out: `*.tmp`, `*.temp`, `*.part`,
   * `*.partial`, `*.filepart`, `*.crdownload`, `*._COPYING_`, `*_.gstmp`, `*.inprogress.*`, `*~`, `+tmp`, `_temporary`, except what the
   * location or `pathGlobFilter` itself asks for. An empty list passes nothing by.
   */
  readonly ignore?: readonly string[] | undefined;
  /**
   * Whether names that begin with `.` or `_` are passed by. With `false` they are read like any others, but for `.landfall`, `_landfall`
   * and `_delta_log`; writers that hide a file while they write it (rsync, Syncthing) then need `ignore`. Default: `true`.
   */
  readonly ignoreHidden?: boolean | undefined;
  /**
   * What says that a file is finished, instead of half a second of rest: `{ suffix: .done }`, `x.json` is taken once `x.json.done` is
   * there; `{ extension: .done }`, once `x.done` is; `{ file: _SUCCESS }`, the files of a folder and of those below it once that file is
   * there, all of them as one batch. What is newer than its marker waits until the marker is written anew. Markers are never read as data.
   */
  readonly marker?: { readonly suffix?: string | undefined; readonly extension?: string | undefined; readonly file?: string | undefined } | undefined;
  /**
   * What is read first of what is there: what was modified longest ago, what was modified last, or by name (the path below the source, byte
   * by byte). Two states of one file are read in the order in which they came, whatever it says. Default: `"oldest"`.
   */
  readonly order?: "oldest" | "newest" | "name" | undefined;
  /**
   * An old stock of files, which is read after everything newer, and no faster than stated: `{ before: 2026-01-01, maxBytesPerDay: 50g }`.
   * Files that were last modified before the instant are the stock; left out, before the pipeline's first run. A day is one of UTC. A
   * single larger file goes on a day of its own.
   */
  readonly backfill?: { readonly before?: string | undefined; readonly maxBytesPerDay?: number | string | undefined } | undefined;
  /** Whether files in folders below the location are read too. Default: `true`. */
  readonly recursiveFileLookup?: boolean | undefined;
  /** Whether the files that are there at the pipeline's first start are read. Looked at only then. Default: `true`. */
  readonly includeExistingFiles?: boolean | undefined;
  /** Only files that were last modified after this instant, such as `2026-01-31T00:00:00Z`; a time without a zone is in UTC. */
  readonly modifiedAfter?: string | undefined;
  /** Only files that were last modified before this instant. */
  readonly modifiedBefore?: string | undefined;
  /**
   * What happens when a file that was read changes: `ignore` counts and shows it, `append` reads it as more rows, `fail` stops the run.
   * Default: `"ignore"`.
   */
  readonly onOverwrite?: "ignore" | "append" | "fail" | undefined;
  /**
   * What tells two states of one file apart: size and modification time, or also a hash of the content (reads every file once more).
   * Default: `"mtime"`.
   */
  readonly generation?: "mtime" | "contentHash" | undefined;
  /**
   * Keys of Hive-style folders (`year=2024/`) in the files' paths that become columns: STRING unless `schema.hints` or `schema.columns`
   * give a type. Null where a path lacks the key; a file whose value does not fit the type is quarantined.
   */
  readonly partitionColumns?: readonly string[] | undefined;
  /**
   * Auto Loader's name for `archive`: `MOVE` is `archive.to`, `DELETE` is `archive.delete`. A file counts as processed from its commit on;
   * every later run tidies, also one that finds nothing new.
   */
  readonly cleanSource?: "OFF" | "MOVE" | "DELETE" | undefined;
  /**
   * How long after its commit a file is moved or deleted, with `cleanSource`. Left out: 30 days. `DELETE` needs more than 7 days, as on
   * Databricks; `archive.after` needs no such time.
   */
  readonly "cleanSource.retentionDuration"?: string | undefined;
  /** Where `cleanSource: MOVE` moves to: `archive.to`. Unlike on Databricks it may be on another file system. */
  readonly "cleanSource.moveDestination"?: string | undefined;
}

/** How JSON files are read. */
export interface DeclaredJson {
  /**
   * What becomes of a record that cannot be read. `PERMISSIVE` and `DROPMALFORMED` mean the same: it is rejected, kept and counted, where
   * Spark makes a row of nulls of it or drops it in silence; with `columnNameOfCorruptRecord` it is a row of its text. `FAILFAST`: the
   * batch fails with its file, number and place, and nothing is committed. A file that is damaged as a whole is quarantined in every mode.
   * Default: `"PERMISSIVE"`.
   */
  readonly mode?: "PERMISSIVE" | "DROPMALFORMED" | "FAILFAST" | undefined;
  /**
   * The STRING column that keeps the text of a record that cannot be read. The record is then no reject but a row: null in every column of
   * the data, its text here (the first MiB of a longer one; U+FFFD for bytes that are not UTF-8), and counted as `corrupt`. The table gets
   * the column if it lacks it; no key of the data goes into it. Left out: none, and such records are rejected.
   */
  readonly columnNameOfCorruptRecord?: string | undefined;
  /**
   * The files' encoding, by Java's or the WHATWG's name. ISO-8859-1 is taken byte for byte, as Java does, and windows-1252 is another
   * encoding. A byte order mark of UTF-16 stands over UTF-8; `UTF-16` by itself needs one. Bytes that are wrong in UTF-8 reject their
   * record, in any other encoding they quarantine the file. Default: `"UTF-8"`.
   */
  readonly encoding?: string | undefined;
  /**
   * `false`: each line is a record. `true`: records are whole values over any lines: objects one after the other, or the elements of
   * arrays. `auto` looks at the first value of each file: `[`, an object with another value behind it on its line, and an object that goes
   * on over lines as JSON does (or opens with `{` alone on its line) mean `true`; all else means `false`. Default: `"auto"`.
   */
  readonly multiLine?: "auto" | true | false | "true" | "false" | undefined;
  /**
   * Where the records stand in a document: the array (or object) at these keys, `$.data.items`. What stands beside it is skipped; a file
   * with a document that lacks it is quarantined.
   */
  readonly jsonPath?: string | undefined;
}

/** How CSV files are read. */
export interface DeclaredCsv {
  /**
   * What becomes of a record that cannot be read. `PERMISSIVE` and `DROPMALFORMED` mean the same: it is rejected, kept and counted, where
   * Spark makes a row of nulls of it or drops it in silence; with `columnNameOfCorruptRecord` it is a row of its text. `FAILFAST`: the
   * batch fails with its file, number and place, and nothing is committed. A file that is damaged as a whole is quarantined in every mode.
   * Default: `"PERMISSIVE"`.
   */
  readonly mode?: "PERMISSIVE" | "DROPMALFORMED" | "FAILFAST" | undefined;
  /**
   * The STRING column that keeps the text of a record that cannot be read. The record is then no reject but a row: null in every column of
   * the data, its text here (the first MiB of a longer one; U+FFFD for bytes that are not UTF-8), and counted as `corrupt`. The table gets
   * the column if it lacks it; no key of the data goes into it. Left out: none, and such records are rejected.
   */
  readonly columnNameOfCorruptRecord?: string | undefined;
  /**
   * The first record names the columns, which are found by name, in whatever order they stand. `false`: they are `_c0`, `_c1`, … as many as
   * the first record has fields. Auto Loader's default is `false`. Default: `true`.
   */
  readonly header?: boolean | undefined;
  /**
   * What parts the fields of a record: one character or several, `\t` for a tab. Left out: a comma; a tab in files named `.tsv` or `.tab`.
   */
  readonly sep?: string | undefined;
  /** The character around fields that hold separators or line ends; empty: none. Inside, two of it stand for one. Default: `"\""`. */
  readonly quote?: string | undefined;
  /**
   * What makes a quote inside a quoted field part of its text, beside the doubled quote, which always does. Left out: nothing else does
   * (RFC 4180); Spark's default is a backslash. Unquoted fields have no escapes.
   */
  readonly escape?: string | undefined;
  /**
   * What makes `escape` itself plain text inside a quoted field. Left out: `escape`, so that `\\` is one backslash; empty: nothing does.
   */
  readonly charToEscapeQuoteEscaping?: string | undefined;
  /** Lines that begin with it are left out and are no records. Empty: none. Default: `""`. */
  readonly comment?: string | undefined;
  /** A field of this text, quoted or not, is null. An unquoted empty field always is, a quoted one is the empty text. Default: `""`. */
  readonly nullValue?: string | undefined;
  /** The text that a quoted empty field stands for. Default: `""`. */
  readonly emptyValue?: string | undefined;
  /** A field of this text is NaN in a DOUBLE or FLOAT column. Left out: none; Spark's default is `NaN`. */
  readonly nanValue?: string | undefined;
  /** The same for infinity. Left out: none; Spark's default is `Inf`. */
  readonly positiveInf?: string | undefined;
  /** The same for minus infinity. Left out: none; Spark's default is `-Inf`. */
  readonly negativeInf?: string | undefined;
  /**
   * How dates are written, in Spark's letters: `yyyy yy M MM d dd`, other characters and 'quoted' text as they stand, optional parts in `[
   * ]`. What is a number too is one, unless its column is typed or hinted DATE. Left out: `yyyy-MM-dd`.
   */
  readonly dateFormat?: string | undefined;
  /**
   * The same for timestamps, with `H HH m mm s ss`, fractions `S` to `SSSSSSSSS` and zones `X`, `XX`, `XXX`. Left out: ISO 8601 to the
   * second, with a fraction and a zone or without.
   */
  readonly timestampFormat?: string | undefined;
  /** Blanks before a field are no part of it, nor those before its opening quote. Default: `false`. */
  readonly ignoreLeadingWhiteSpace?: boolean | undefined;
  /** Blanks behind a field are no part of it, nor those behind its closing quote. Default: `false`. */
  readonly ignoreTrailingWhiteSpace?: boolean | undefined;
  /** Lines at the beginning of a file, empty ones counted, that are neither header nor data. Default: `0`. */
  readonly skipRows?: number | undefined;
  /**
   * Line ends inside quotes belong to the field. `false`: a line end always ends the record, and a quote that is open there makes this one
   * record malformed. Auto Loader's default is `false`. Default: `true`.
   */
  readonly multiLine?: boolean | undefined;
  /** `\n`, `\r\n` or `\r`: taken for Spark's sake, since each of them ends a record always. */
  readonly lineSep?: string | undefined;
  /**
   * The files' encoding, by Java's or the WHATWG's name. ISO-8859-1 is taken byte for byte, as Java does, and windows-1252 is another
   * encoding. A byte order mark of UTF-16 stands over UTF-8; `UTF-16` by itself needs one. Bytes that are wrong in UTF-8 reject their
   * record, in any other encoding they quarantine the file. Default: `"UTF-8"`.
   */
  readonly encoding?: string | undefined;
}

/** How Avro files are read. */
export interface DeclaredAvro {
  /**
   * The schema that the rows are to have: a record's, as JSON text, or the path of a file that holds it (`.avsc`). Files are read by Avro's
   * rules of resolution: fields by name or alias, with defaults for those that a file lacks; others are left out. Left out: each file's
   * own.
   */
  readonly avroSchema?: string | undefined;
}

/** How XML files are read. */
export interface DeclaredXml {
  /** The element that is a row, wherever it stands; inside such an element it is a column. */
  readonly rowTag?: string | undefined;
  /** What stands before an attribute's name in its column's. Default: `"_"`. */
  readonly attributePrefix?: string | undefined;
  /** The column of an element's own text where it has attributes or children too. Default: `"_VALUE"`. */
  readonly valueTag?: string | undefined;
  /** Whether attributes are left out. Default: `false`. */
  readonly excludeAttribute?: boolean | undefined;
  /** Whether the prefixes of names are left out: `a:id` is `id`, in `rowTag` too. Otherwise names are as written. Default: `false`. */
  readonly ignoreNamespace?: boolean | undefined;
  /** Whether blanks around an element's text are left out. Default: `true`. */
  readonly ignoreSurroundingSpaces?: boolean | undefined;
  /** A text or attribute that stands for null. An empty one always does. Default: `"null"`. */
  readonly nullValue?: string | undefined;
  /**
   * An XSD, one file that holds the whole schema, against which each row's element is held by itself: a row that does not validate is
   * rejected with the reason.
   */
  readonly rowValidationXSDPath?: string | undefined;
}

/** How text files are read. */
export interface DeclaredText {
  /**
   * The files' encoding, by Java's or the WHATWG's name. ISO-8859-1 is taken byte for byte, as Java does, and windows-1252 is another
   * encoding. A byte order mark of UTF-16 stands over UTF-8; `UTF-16` by itself needs one. Bytes that are wrong in UTF-8 reject their
   * record, in any other encoding they quarantine the file. Default: `"UTF-8"`.
   */
  readonly encoding?: string | undefined;
  /** Whether a file is one row; otherwise each of its lines is, empty ones too. Default: `false`. */
  readonly wholeText?: boolean | undefined;
  /** What ends a line: any text, `\r`, `\n` and `\t` for those characters. Left out: LF, CRLF and CR, each of them. */
  readonly lineSep?: string | undefined;
}

/** How values get their columns and types. */
export interface DeclaredSchema {
  /**
   * The explicit schema as Spark DDL, such as `id BIGINT, at TIMESTAMP`. Keys that it does not name become no columns; those that it names
   * and the table lacks are added.
   */
  readonly columns?: string | undefined;
  /**
   * Types of some columns where the others are inferred, as DDL with dotted paths: `at TIMESTAMP, a.b INT, tags.element STRING`. `element`
   * means an array's elements; `key` and `value` mean a map's where the table, another hint (`m MAP<STRING, STRING>`) or a Parquet or Avro
   * file has a map there, and are fields otherwise.
   */
  readonly hints?: string | undefined;
  /** What a time without zone means: an IANA name such as `Europe/Berlin`. Default: `"UTC"`. */
  readonly timeZone?: string | undefined;
  /** The column that keeps, as JSON, the values that fit no column. Left out: `_rescued_data`, and none with `evolutionMode: none`. */
  readonly rescuedDataColumn?: string | undefined;
  /**
   * What happens to a new key: `addNewColumns`, the rule unless `columns` are given, adds a column for it; `addNewColumnsWithTypeWidening`
   * does so, too, and gives a column of the table a wider type where a number or a time does not fit the one that it has (which raises the
   * table's protocol, with `delta.enableTypeWidening`); `rescue`, the rule with `columns`, keeps it in the rescued-data column;
   * `failOnNewColumns` fails the batch and names it; `none` leaves it out and counts the rows. A new table takes the keys of its first
   * batch in every mode.
   */
  readonly evolutionMode?: "addNewColumns" | "addNewColumnsWithTypeWidening" | "rescue" | "failOnNewColumns" | "none" | undefined;
  /**
   * Columns that tell where a row came from: any of `file_path`, `file_name`, `file_size`, `file_modification_time`, `record_number` (from
   * 1 in its file), `ingest_time`, `batch_id`; `file_path AS source_file` names the column. A key of the data of that name is rescued.
   */
  readonly provenance?: readonly string[] | undefined;
  /**
   * Whether numbers with a fraction, or beyond 64 bits, become DECIMAL with as many digits as the first batch that has them shows (up to
   * 38) instead of DOUBLE or STRING. A later number with more digits is rescued: give a wide DECIMAL in `hints` where amounts grow.
   * Default: `false`.
   */
  readonly prefersDecimal?: boolean | undefined;
  /**
   * Whether a key that differs from a column's name by case only is another key, which is rescued. With `false` it goes into the column;
   * where a record has both, the one spelt like the column does. Default: `true`.
   */
  readonly readerCaseSensitive?: boolean | undefined;
}

/** The Delta table that the files end in. */
export interface DeclaredTable {
  /** The folder of the Delta table, made if it is missing. Relative to the declaration's folder. */
  readonly location: string;
  /**
   * What a new table is partitioned by, outermost first: columns, or `date(at)`, `year(at)`, `month(at)`, `day(at)`, `hour(at)` of a date
   * or time in `schema.timeZone`, which are columns of their own: `at_date`, or the name in `date(at) AS day`. An existing table keeps its
   * own; another one is refused.
   */
  readonly partitionBy?: readonly string[] | undefined;
  /** Delta table properties of a new table; values are text: `delta.appendOnly: "true"`. */
  readonly properties?: { readonly [name: string]: string } | undefined;
  /**
   * Whether small data files are rewritten into larger ones between batches, in commits of their own that change no row. Left out: as the
   * table's property `delta.autoOptimize.autoCompact` says, and without it not: the files that were rewritten stay on disk until a VACUUM,
   * and other writers may be at work on them.
   */
  readonly autoCompact?: boolean | undefined;
  /** With `autoCompact`: a partition is due with so many small files. Default: `50`. */
  readonly "autoCompact.minNumFiles"?: number | undefined;
  /** With `autoCompact`: what small files become, at most; a file of less than half is small. Default: `"128m"`. */
  readonly "autoCompact.maxFileSize"?: number | string | undefined;
  /**
   * Whether what became of each file is published as a Delta table of its own, one row for each file of each batch. `true`: in
   * `_landfall/<pipeline>/history` below the table, where readers of the table do not look; or the folder of that table, relative to the
   * declaration's. Columns: docs/reference/history.md. Default: `false`.
   */
  readonly history?: boolean | string | undefined;
}

/** What becomes of files once their rows are committed. Left out: they stay. */
export interface DeclaredArchive {
  /**
   * The folder that files are moved to once their rows are committed, with the folders that they lay in. It may end in date parts,
   * `archive/{yyyy}/{MM}/{dd}` (and `{HH}`): of the batch that read the file, in UTC. Relative to the declaration's folder. Nothing there
   * is ever overwritten: where a name is taken, the file goes into a folder named by its generation, beside it.
   */
  readonly to?: string | undefined;
  /** Whether files are deleted once their rows are committed, instead of moved. */
  readonly delete?: boolean | undefined;
  /** How long after its commit a file is moved or deleted. Left out: at once with `to`, 30 days with `delete`. */
  readonly after?: string | undefined;
}

/** Where files go that were quarantined. */
export interface DeclaredQuarantine {
  /**
   * The folder that quarantined files are moved to, each with a `<name>.reason.json` beside it. Left out: they stay in the source. Relative
   * to the declaration's folder.
   */
  readonly to?: string | undefined;
}

/** Bounds of a batch and of what a single file may do. */
export interface DeclaredLimits {
  /** Files of one batch, at most. Default: `50000`. */
  readonly maxFilesPerTrigger?: number | undefined;
  /** Bytes of one batch, at most, except that a single larger file is a batch of its own. Default: `"10g"`. */
  readonly maxBytesPerTrigger?: number | string | undefined;
  /** A longer record is rejected; a file of Avro or XML that holds one is quarantined. Default: `"64m"`. */
  readonly maxRecordBytes?: number | string | undefined;
  /**
   * Levels of nesting. A record of JSON that is nested deeper is rejected; a file of another format is quarantined. At 42 levels of structs
   * delta-rs can no longer read the table. Default: `40`.
   */
  readonly maxDepth?: number | undefined;
  /**
   * Columns of the table, nested fields included. A batch that would add more is refused, with the keys that it would add counted. Default:
   * `10000`.
   */
  readonly maxColumns?: number | undefined;
  /** A batch that would write more partitions than these is refused. Default: `1000`. */
  readonly maxPartitions?: number | undefined;
  /** A compressed file that grows more than so many times is quarantined. Default: `200`. */
  readonly expansion?: number | undefined;
  /** A compressed file that grows past this size is quarantined. Default: `"100g"`. */
  readonly maxExpandedBytes?: number | string | undefined;
  /** A batch that would reject more records is not committed, and the run ends. */
  readonly maxRejected?: number | undefined;
  /** A batch that would quarantine more files is not committed, and the run ends. */
  readonly maxQuarantined?: number | undefined;
  /** Seconds that a `transform` may take for one batch. Default: `600`. */
  readonly transformSeconds?: number | undefined;
  /** Memory that a `transform` module may use. Default: `"1g"`. */
  readonly transformMemory?: number | string | undefined;
}

/** What the engine may use of the machine. */
export interface DeclaredEngine {
  /**
   * Memory for the engine. Left out: 512 MB. A write that needs more is done again by one thread, which holds less: slower, but it takes
   * rows of tens of megabytes.
   */
  readonly memory?: number | string | undefined;
  /** Threads of the engine. Left out: one for each core. */
  readonly threads?: number | undefined;
  /** Disk that the engine may spill to. Left out: what is free, within reason. */
  readonly spill?: number | string | undefined;
}
