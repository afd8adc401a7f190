import { isJsonObject, type JsonValue } from "../../base/lossless-json.ts";
import type { StructType } from "../../schema/data-type.ts";

/** The value of every FLOAT is the one that is nearest to its text of so many digits. */
const FLOAT_DIGITS = 9;

/**
 * Whether the statistics of a file from before its column got a wider type say the value that the file has, in the form of the type that the
 * column had then: a day for the time at its beginning, a FLOAT in its own few digits.
 *
 * @param options.path of the column, as its statistics name it
 * @param options.found the value, as statistics of the present type say it
 */
export function isStatedBeforeWidening(options: {
  readonly schema: StructType;
  readonly path: readonly string[];
  readonly stated: JsonValue;
  readonly found: JsonValue | undefined;
}): boolean {
  const { schema, path, stated, found } = options;
  const earlier = earlierTypes(schema, path);
  if (earlier.has("date") && typeof stated === "string") return found === `${stated}T00:00:00.000`;
  if (!earlier.has("float") || typeof found !== "number" || typeof stated !== "number") return false;
  for (let digits = 1; digits <= FLOAT_DIGITS; digits++) {
    const print = Number(found.toPrecision(digits));
    if (Math.fround(print) === found) return print === stated;
  }
  return false;
}

/** By the changes that are noted at the column (PROTOCOL.md, "Type Widening"). */
function earlierTypes(schema: StructType, path: readonly string[]): ReadonlySet<unknown> {
  let fields = schema.fields;
  for (const [i, name] of path.entries()) {
    const field = fields.find((one) => one.name === name);
    if (field === undefined) break;
    const changes = field.metadata["delta.typeChanges"];
    if (i === path.length - 1 && Array.isArray(changes))
      return new Set(
        changes.map((change: JsonValue) => (isJsonObject(change) ? change["fromType"] : undefined)),
      );
    if (typeof field.type === "string" || field.type.type !== "struct") break;
    ({ fields } = field.type);
  }
  return new Set();
}
