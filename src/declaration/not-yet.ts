/**
 * Names of the design that this version refuses by name instead of as typos, so that nobody hunts for a spelling mistake, and names
 * of neighbouring systems with the option that means the same here.
 */

/** Keys by section (`""` is the top level). */
export const KEYS_NOT_YET: Readonly<Record<string, readonly string[]>> = {
  "": ["hooks"],
  source: ["discovery", "modifiedAfter", "modifiedBefore"],
  schema: [],
  table: ["mode", "keys", "sequenceBy", "deleteWhen", "deletionVectors"],
  limits: [],
  engine: [],
  csv: ["locale", "unescapedQuoteHandling", "badRecordsPath"],
};

/** Keys of neighbouring systems that have no option here, by section, with what holds in their place. */
export const KEYS_WITHOUT_OPTION: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  source: {
    "cleanSource.waitForCompletion":
      "A run ends when the files that are due have been tidied; see archive and quarantine.",
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

/** Values by option. */
export const VALUES_NOT_YET: Readonly<Record<string, readonly string[]>> = {
  "source.format": ["orc"],
  "source.onOverwrite": ["replace"],
  "schema.evolutionMode": ["addNewColumnsWithTypeWidening"],
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

/** True where a value of an option belongs to a later version. */
export function isValueNotYet(option: string, value: unknown): boolean {
  // A person's key may be the name of what every object has: `constructor`.
  return (
    typeof value === "string" &&
    Object.hasOwn(VALUES_NOT_YET, option) &&
    VALUES_NOT_YET[option]!.includes(value)
  );
}
