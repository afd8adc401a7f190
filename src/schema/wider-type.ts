/**
 * Which wider type a column of a table gets where values do not fit the one that it has: those changes that Auto Loader makes with
 * `addNewColumnsWithTypeWidening`, each one of the protocol's list (PROTOCOL.md, "Type Widening"). Pure.
 *
 * | column              | can become |
 * | ------------------- | --- |
 * | BYTE, SHORT, INT    | a wider integer; DECIMAL of 10 digits or more before the point; DOUBLE |
 * | LONG                | DECIMAL of 20 digits or more before the point |
 * | FLOAT               | DOUBLE |
 * | DECIMAL             | DECIMAL with no fewer digits on either side of the point, 38 at most |
 * | DATE                | TIMESTAMP_NTZ, for files whose format has that type |
 */
import { decimalOf, type DataType, type PrimitiveType } from "./data-type.ts";
import { decimalValue } from "./decimal-value.ts";
import { columnKind, denyMask } from "./fit.ts";
import { FRACTION_MASK, LONG_MASK, NUMBER_MASK, VALUE_CLASSES, VALUE_CLASS } from "./value-class.ts";

/** Numbers, told by their classes and by the most digits that any has by its value, before the point and after it. */
export interface NumbersSeen {
  readonly mask: number;
  readonly integerDigits: number;
  readonly scale: number;
}

/** More digits than any DECIMAL has; an absurd exponent is no more than that. */
const TOO_MANY = 1000;

export const NO_NUMBERS: NumbersSeen = { mask: 0, integerDigits: 0, scale: 0 };

/** With one number more: its class and its source text. */
export function withNumber(seen: NumbersSeen, bit: number, text: string): NumbersSeen {
  const { digits, exponent } = decimalValue(text);
  const scale = digits === "" ? 0 : Math.max(0, digits.length - exponent);
  return joinNumbers(seen, {
    mask: bit,
    integerDigits: Math.min(TOO_MANY, Math.max(0, exponent)),
    scale: Math.min(TOO_MANY, scale),
  });
}

export function joinNumbers(one: NumbersSeen, other: NumbersSeen): NumbersSeen {
  return {
    mask: one.mask | other.mask,
    integerDigits: Math.max(one.integerDigits, other.integerDigits),
    scale: Math.max(one.scale, other.scale),
  };
}

/** Integers by width, with the digits that each can need. */
const INTEGERS: readonly PrimitiveType[] = ["byte", "short", "integer", "long"];
const INTEGER_DIGITS = [3, 5, 10, 19];

/** True for a column whose values a wider type could hold beside numbers that it does not hold itself. */
export function canHoldWiderNumbers(column: DataType): boolean {
  return INTEGERS.includes(column as PrimitiveType) || column === "float" || decimalOf(column) !== undefined;
}

/**
 * The least type that holds what the column holds and all these numbers, which do not fit it. Where no type holds all of them: the least that
 * holds all those that an integer or DOUBLE holds, else the integers; what stays outside is rescued. Undefined where there is none.
 *
 * @param options.prefersDecimal numbers with a fraction make an integer column DECIMAL before DOUBLE
 */
export function typeForNumbers(
  column: PrimitiveType,
  seen: NumbersSeen,
  { prefersDecimal }: { readonly prefersDecimal: boolean },
): PrimitiveType | undefined {
  const plain = plainTypes(column);
  const decimal = wideDecimal(column, seen);
  const isDoubleFirst = !prefersDecimal && (seen.mask & FRACTION_MASK) !== 0;
  const all =
    decimal === undefined
      ? plain
      : isDoubleFirst
        ? [...plain, decimal]
        : [
            ...plain.filter((type) => type !== "double"),
            decimal,
            ...plain.filter((type) => type === "double"),
          ];
  const whole = all.find((type) => type === decimal || holds(type, seen.mask));
  if (whole !== undefined) return whole;
  const held = VALUE_CLASSES.map((name) => VALUE_CLASS[name] & seen.mask & NUMBER_MASK)
    .filter((bit) => bit !== 0 && plain.some((type) => holds(type, bit)))
    .reduce((mask, bit) => mask | bit, 0);
  for (const part of [held, seen.mask & LONG_MASK]) {
    const found = part === 0 ? undefined : plain.find((type) => holds(type, part));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Wider types without digits to choose, the narrowest first. */
function plainTypes(column: PrimitiveType): readonly PrimitiveType[] {
  if (column === "float") return ["double"];
  const width = INTEGERS.indexOf(column);
  if (width < 0) return [];
  return column === "long" ? [] : [...INTEGERS.slice(width + 1), "double"];
}

function holds(type: PrimitiveType, mask: number): boolean {
  return (mask & denyMask(columnKind(type))) === 0;
}

/** Undefined for a column that no DECIMAL follows, and for more digits than one has. */
function wideDecimal(
  column: PrimitiveType,
  { integerDigits, scale }: Pick<NumbersSeen, "integerDigits" | "scale">,
): PrimitiveType | undefined {
  const own = decimalOf(column);
  if (own === undefined && !INTEGERS.includes(column)) return undefined;
  const [whole, after] =
    own === undefined ? [column === "long" ? 20 : 10, 0] : [own.precision - own.scale, own.scale];
  const [before, behind] = [Math.max(whole, integerDigits), Math.max(after, scale)];
  return before + behind > 38 ? undefined : `decimal(${before + behind},${behind})`;
}

/**
 * The type that a column gets for values of a file's type that do not fit it: the least that holds what both types hold, DOUBLE for FLOAT
 * beside other numbers. Undefined where the protocol has none, or the column's type is it.
 */
export function typeForType(column: PrimitiveType, file: PrimitiveType): PrimitiveType | undefined {
  const found = widerOf(column, file);
  return found === column ? undefined : found;
}

function widerOf(column: PrimitiveType, file: PrimitiveType): PrimitiveType | undefined {
  if (column === "date") return file === "timestamp_ntz" ? file : undefined;
  const isFloating = file === "float" || file === "double";
  const width = INTEGERS.indexOf(file);
  const decimal = decimalOf(file);
  if (!isFloating && width < 0 && decimal === undefined) return undefined;
  if (column === "float") return file === "float" ? undefined : "double";
  const own = INTEGERS.indexOf(column);
  if (own >= 0 && width >= 0) return INTEGERS[Math.max(own, width)];
  if (isFloating) return own >= 0 && column !== "long" ? "double" : undefined;
  const digits = decimal
    ? { integerDigits: decimal.precision - decimal.scale, scale: decimal.scale }
    : { integerDigits: INTEGER_DIGITS[width]!, scale: 0 };
  return wideDecimal(column, digits);
}
