/**
 * Names of the design that this version refuses by name instead of as typos, so that nobody hunts for a spelling mistake, and names
 * of neighbouring systems with the option that means the same here.
 */

/** Keys by section (`""` is the top level). */
export const KEYS_NOT_YET: Readonly<Record<string, readonly string[]>> = {
  "": ["transform", "archive", "quarantine", "hooks"],
  source: ["discovery", "modifiedAfter", "modifiedBefore"],
  schema: [],
  table: ["mode", "keys", "sequenceBy", "deleteWhen", "deletionVectors"],
  limits: [],
  engine: [],
};

/** Values by option. */
export const VALUES_NOT_YET: Readonly<Record<string, readonly string[]>> = {
  "source.format": ["text", "avro", "xml", "orc", "binaryFile"],
  "source.onOverwrite": ["replace"],
  "schema.evolutionMode": ["addNewColumnsWithTypeWidening"],
  trigger: ["continuous"],
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
  ["partitioncolumns", "table.partitionBy"],
  ["tblproperties", "table.properties"],
  ["expectations", "expect"],
]);

/** True where a value of an option belongs to a later version. */
export function isValueNotYet(option: string, value: unknown): boolean {
  // A person's key may be the name of what every object has: `constructor`.
  if (typeof value === "string")
    return Object.hasOwn(VALUES_NOT_YET, option) && VALUES_NOT_YET[option]!.includes(value);
  return option === "trigger" && typeof value === "object" && value !== null && "every" in value;
}
