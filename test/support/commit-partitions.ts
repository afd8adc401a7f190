/** Whether partition values are complete, and of new files serialised as the protocol has it (PROTOCOL.md, "Partition Value Serialization"). */
import type { PartitionValues } from "../../src/delta/actions.ts";
import type { DataType } from "../../src/schema/data-type.ts";
import type { TableShape } from "./commit-table.ts";

const WHOLE = /^-?(?:0|[1-9]\d*)$/;
const FORMS: Readonly<Record<string, RegExp>> = {
  byte: WHOLE,
  short: WHOLE,
  integer: WHOLE,
  long: WHOLE,
  float: /^(?:NaN|-?Infinity|-?\d+\.\d+(?:E-?\d+)?)$/,
  double: /^(?:NaN|-?Infinity|-?\d+\.\d+(?:E-?\d+)?)$/,
  boolean: /^(?:true|false)$/,
  date: /^-?\d{4,}-\d{2}-\d{2}$/,
  timestamp: /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$/,
  timestamp_ntz: /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(?:\.\d{1,6})?$/,
  // An empty text means null.
  string: /[^]/,
  binary: /[^]/,
};

export function partitionFaults(
  values: PartitionValues,
  { partitions, isNew }: Pick<TableShape, "partitions"> & { readonly isNew: boolean },
): string[] {
  const [found, wanted] = [Object.keys(values).sort(), [...partitions.keys()].sort()];
  if (found.join("\n") !== wanted.join("\n"))
    return [`partition values of ${found.join(", ") || "nothing"}, not of ${wanted.join(", ") || "nothing"}`];
  if (!isNew) return [];
  return [...partitions]
    .filter(([name, type]) => values[name] !== null && !formOf(type).test(values[name]!))
    .map(([name]) => `the partition value ${name}=${JSON.stringify(values[name])}`);
}

function formOf(type: DataType): RegExp {
  const scale = /^decimal\(\d+,(\d+)\)$/.exec(typeof type === "string" ? type : "")?.[1];
  if (scale === undefined) return FORMS[type as string] ?? /^$/;
  return new RegExp(scale === "0" ? "^-?\\d+$" : `^-?\\d+\\.\\d{${scale}}$`);
}
