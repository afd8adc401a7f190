/**
 * Names of the design that this version refuses by name instead of as typos, so that nobody hunts for a spelling mistake, and names
 * of neighbouring systems with the option that means the same here.
 */

/** Keys by section (`""` is the top level). */
export const KEYS_NOT_YET: Readonly<Record<string, readonly string[]>> = {
  "": ["hooks"],
  source: ["discovery"],
  schema: [],
  table: ["mode", "keys", "sequenceBy", "deleteWhen", "deletionVectors"],
  limits: [],
  engine: [],
  csv: ["locale", "unescapedQuoteHandling", "badRecordsPath"],
};

const STRICT_JSON =
  "JSON is read strictly (RFC 8259): a record that is not is rejected with its place, and nothing is guessed.";

/** Keys of neighbouring systems that have no option here, by section, with what holds in their place. */
const KEYS_WITHOUT_OPTION: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  source: {
    maxFileAge:
      "What has been read is remembered for ever, in the manifests beside the table: nothing expires.",
    schemaLocation:
      "The table's own schema is what is known of earlier files; there is nothing to keep elsewhere.",
    useStrictGlobber: "Globs are strict: `*` does not cross folders; see source.pathGlobFilter.",
    validateOptions: "Unknown options are always mistakes.",
    useIncrementalListing:
      "Every start lists the whole source; between listings a watch tells of changes (trigger: continuous).",
    useNotifications: "Folders of this machine are watched with trigger: continuous.",
    useManagedFileEvents: "Folders of this machine are watched with trigger: continuous.",
    checkpointLocation:
      "What has been read is known in the table's own folder, under _landfall; see --state.",
    badRecordsPath: "Records that cannot be read are kept beside the table: landfall files rejected.",
    backfillInterval: "A watched source is listed again every five minutes; see docs/guide/schedules.md.",
    startAfter: "See source.includeExistingFiles, which leaves out what lies there at the first run.",
    ignoreCorruptFiles:
      "A file that cannot be read is quarantined with its reason and stops nothing; see limits.maxQuarantined.",
    ignoreMissingFiles: "A file that has gone is skipped, and read when it comes back.",
    "cleanSource.waitForCompletion":
      "A run ends when the files that are due have been tidied; see archive and quarantine.",
  },
  json: {
    allowSingleQuotes: STRICT_JSON,
    allowComments: STRICT_JSON,
    allowUnquotedFieldNames: STRICT_JSON,
    allowUnquotedControlChars: STRICT_JSON,
    allowNonNumericNumbers: STRICT_JSON,
    allowNumericLeadingZeros: STRICT_JSON,
    allowBackslashEscapingAnyCharacter: STRICT_JSON,
    lineSep: "Lines end with \\n or \\r\\n; objects need no line ends at all.",
    primitivesAsString: "Give the columns a type in schema.hints: `a STRING`.",
    dropFieldIfAllNull: "A key that has only been null becomes no column until it has a value.",
    inferTimestamp:
      "A text that is a date and time in ISO 8601 is a timestamp; state other types with schema.hints.",
    dateFormat: "Dates are ISO 8601; another text stays STRING, and is cast in a transform.",
    timestampFormat: "Times are ISO 8601; another text stays STRING, and is cast in a transform.",
    singleVariantColumn: "Read the files as text (source.format: text) to keep each record in one column.",
  },
  xml: {
    mode: "A row that cannot be read is rejected and the others are taken; a document that ends early quarantines its file.",
    columnNameOfCorruptRecord:
      "A row that cannot be read is rejected with its reason; see `landfall files rejected`.",
    charset: "The document says its encoding itself, in its first line or its first bytes.",
    encoding: "The document says its encoding itself, in its first line or its first bytes.",
    dateFormat: "Dates are ISO 8601; another text stays STRING, and is cast in a transform.",
    timestampFormat: "Times are ISO 8601; another text stays STRING, and is cast in a transform.",
    timestampNTZFormat: "Times are ISO 8601; another text stays STRING, and is cast in a transform.",
    inferSchema: "Types are inferred from every row; state them with schema.hints or schema.columns.",
    samplingRatio: "Types are inferred from every row; there is no sample.",
  },
  avro: {
    datetimeRebaseMode:
      "Days and instants are those of the proleptic Gregorian calendar, as the format says.",
  },
  csv: {
    enforceSchema:
      "Columns are always found by their names in the header, whatever their order; see csv.header.",
    inferSchema: "Types are inferred from every row; state them with schema.hints or schema.columns.",
    preferDate: "A text of a date is a date and one of a date and time a timestamp; see csv.dateFormat.",
    mergeSchema: "New columns are added by themselves; see schema.evolutionMode.",
    samplingRatio: "Types are inferred from every row; there is no sample.",
  },
};

/** Values by option, with what to do instead. */
export const VALUES_NOT_YET: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "source.format": {
    orc: "Write the files as Parquet instead, or convert them: pyarrow and Spark read ORC and write Parquet with the same types.",
  },
  "source.onOverwrite": {
    replace:
      "Say ignore (a file that changed is counted and shown), append (it is read as more rows) or fail (the run stops).",
  },
};

/** What Auto Loader and Spark call it, in lower case, and the option here. */
export const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ["path", "source.location"],
  ["schemahints", "schema.hints"],
  ["schemaevolutionmode", "schema.evolutionMode"],
  ["filenamepattern", "source.pathGlobFilter"],
  ["allowoverwrites", "source.onOverwrite"],
  ["ddl", "schema.columns"],
  ["name", "pipeline"],
  ["tblproperties", "table.properties"],
  ["expectations", "expect"],
  ["delimiter", "csv.sep"],
  ["charset", "csv.encoding"],
  ["inferschema", "schema.hints"],
  ["infercolumntypes", "schema.hints"],
  ["mergeschema", "schema.evolutionMode"],
  ["maxcharspercolumn", "limits.maxRecordBytes"],
  ["parsercasesensitive", "schema.readerCaseSensitive"],
]);

/** What holds in the place of a key that has no option here, with Auto Loader's prefix or without; undefined for any other. */
export function insteadOfKey(section: string, key: string): string | undefined {
  const keys = KEYS_WITHOUT_OPTION[section] ?? {};
  const plain = withoutPrefix(key);
  return Object.hasOwn(keys, plain) ? keys[plain] : undefined;
}

/** Auto Loader's options of its own begin with `cloudFiles.`. */
export function withoutPrefix(key: string): string {
  return key.replace(/^cloudFiles\./, "");
}

/** What to do instead of a value of an option that belongs to a later version; undefined for any other. */
export function insteadOfValue(option: string, value: unknown): string | undefined {
  // A person's key may be the name of what every object has: `constructor`.
  const values = Object.hasOwn(VALUES_NOT_YET, option) ? VALUES_NOT_YET[option]! : {};
  return typeof value === "string" && Object.hasOwn(values, value) ? values[value] : undefined;
}
