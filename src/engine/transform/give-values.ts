/** The values of the batch as a module sees them. `take-values.ts` is the way back; what is passed on unchanged stays the same. */
import { decimalOf, type DataType, type StructType } from "../../schema/data-type.ts";
import { clockText, dayText } from "./calendar-text.ts";
import { Misfit } from "./misfit.ts";
import type { PlainValue } from "./module-messages.ts";
import type { Value } from "./transform.ts";

export type Give = (plain: PlainValue) => Value;

/** The function that gives the values of a type; it throws a Misfit for what a module cannot be given. */
export function giver(type: DataType): Give {
  const give = giverOfPresent(type);
  return (plain) => (plain === null ? null : give(plain));
}

function giverOfPresent(type: DataType): Give {
  if (typeof type !== "string") {
    if (type.type === "struct") return giveStruct(type);
    if (type.type === "array") {
      const give = giver(type.elementType);
      return (plain) => (plain as readonly PlainValue[]).map(give);
    }
    return giveMap(giver(type.keyType), giver(type.valueType));
  }
  const decimal = decimalOf(type);
  if (decimal !== undefined) return (plain) => pointed(plain as bigint, decimal.scale);
  return TIMES.get(type) ?? ((plain) => plain);
}

const TIMES: ReadonlyMap<string, Give> = new Map<string, Give>([
  ["date", (plain) => dayText(plain as number) ?? outOfYears(plain)],
  ["timestamp", (plain) => `${clockText(plain as bigint) ?? outOfYears(plain)}Z`],
  ["timestamp_ntz", (plain) => clockText(plain as bigint) ?? outOfYears(plain)],
]);

function giveStruct(type: StructType): Give {
  const fields = type.fields.map(({ name, type }) => ({ name, give: giver(type) }));
  return (plain) => {
    const struct: Record<string, Value> = {};
    for (const [i, { name, give }] of fields.entries()) struct[name] = give((plain as PlainValue[])[i]!);
    return struct;
  };
}

function giveMap(giveKey: Give, giveValue: Give): Give {
  return (plain) => {
    const entries = plain as readonly (readonly [PlainValue, PlainValue])[];
    const map = new Map(entries.map(([key, value]) => [giveKey(key), giveValue(value)]));
    if (map.size !== entries.length)
      throw new Misfit({ value: map, reason: "it has a key twice, of which a Map would keep one" });
    return map;
  };
}

function pointed(unscaled: bigint, scale: number): string {
  const isNegative = unscaled < 0n;
  const digits = String(isNegative ? -unscaled : unscaled).padStart(scale + 1, "0");
  const point = digits.length - scale;
  return `${isNegative ? "-" : ""}${digits.slice(0, point)}${scale === 0 ? "" : `.${digits.slice(point)}`}`;
}

function outOfYears(value: PlainValue): never {
  throw new Misfit({ value, reason: "it lies outside of the years 1 to 9999" });
}
