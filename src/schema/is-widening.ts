import { decimalOf, type DataType } from "./data-type.ts";

const INTEGERS = ["byte", "short", "integer", "long"];

/** True for the changes of a column's type that the protocol lists (PROTOCOL.md, "Type Widening"): each value stays what it is. */
export function isWidening(from: string, to: string): boolean {
  const [low, high] = [INTEGERS.indexOf(from), INTEGERS.indexOf(to)];
  if (low >= 0 && high >= 0) return low < high;
  if (to === "double") return from === "float" || (low >= 0 && from !== "long");
  if (to === "timestamp_ntz") return from === "date";
  const target = decimalOf(to as DataType);
  if (target === undefined) return false;
  // The digits before the point that every value of the type needs.
  if (low >= 0) return target.precision - target.scale >= (from === "long" ? 20 : 10);
  const source = decimalOf(from as DataType);
  if (source === undefined) return false;
  const scale = target.scale - source.scale;
  return scale >= 0 && target.precision - source.precision >= scale;
}
