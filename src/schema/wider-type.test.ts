import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { PrimitiveType } from "./data-type.ts";
import { classOfNumber } from "./decimal-value.ts";
import { columnKind, compileTarget, FITS, numberVerdict } from "./fit.ts";
import { isWidening } from "./is-widening.ts";
import { classesOf, VALUE_CLASS } from "./value-class.ts";
import { NO_NUMBERS, typeForNumbers, typeForType, withNumber } from "./wider-type.ts";

/** Whether a column holds a number, as the fitting of values says. */
function holds(type: PrimitiveType, text: string): boolean {
  const { check } = compileTarget({
    schema: { type: "struct", fields: [{ name: "c", type, nullable: true, metadata: {} }] },
  }).fields.get("c")!;
  const { verdict } = FITS[columnKind(type)][classesOf(classOfNumber(text))[0]!];
  return verdict === "fits" || (verdict === "byValue" && numberVerdict(text, check!) !== "rescued");
}

const PLAIN: readonly PrimitiveType[] = ["byte", "short", "integer", "long", "float", "double"];
const DECIMALS = Array.from({ length: 38 }, (_, p) =>
  Array.from({ length: p + 2 }, (_unused, s): PrimitiveType => `decimal(${p + 1},${s})`),
).flat();
const NUMBERS: readonly PrimitiveType[] = [...PLAIN, ...DECIMALS];

const digits = (max: number): fc.Arbitrary<string> =>
  fc.string({
    unit: fc.constantFrom("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"),
    minLength: 1,
    maxLength: max,
  });
const whole = digits(24).map((text) => text.replace(/^0+(?=\d)/, ""));
const number = fc
  .tuple(
    fc.constantFrom("", "-"),
    fc.oneof(whole, fc.constantFrom("127", "128", "32768", "2147483648", "9223372036854775808", "16777217")),
    fc.option(digits(20), { nil: undefined }),
    fc.option(fc.integer({ min: -30, max: 400 }), { nil: undefined, freq: 6 }),
  )
  .map(
    ([sign, before, behind, exponent]) =>
      `${sign}${before}${behind === undefined ? "" : `.${behind}`}${exponent === undefined ? "" : `e${exponent}`}`,
  );

function seenOf(texts: readonly string[]) {
  return texts.reduce((seen, text) => withNumber(seen, classOfNumber(text), text), NO_NUMBERS);
}

test("a wider type is of the protocol's list, holds what the column held, and is the least that holds all", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...PLAIN, "decimal(5,2)" as const, "decimal(30,10)" as const),
      fc.array(number, { minLength: 1, maxLength: 5 }),
      fc.boolean(),
      (column, texts, prefersDecimal) => {
        const misfits = texts.filter((text) => !holds(column, text));
        fc.pre(misfits.length > 0);
        const to = typeForNumbers(column, seenOf(misfits), { prefersDecimal });
        const all = NUMBERS.filter(
          (type) => isWidening(column, type) && misfits.every((text) => holds(type, text)),
        );
        if (to === undefined) return assert.deepEqual(all, []);
        assert.ok(isWidening(column, to), `${column} to ${to}`);
        for (const text of texts) if (holds(column, text)) assert.ok(holds(to, text), `${text} in ${to}`);
        if (all.length === 0) return;
        assert.ok(all.includes(to), `${to} does not hold all of ${texts.join(" ")}`);
        assert.ok(
          all.every((less) => less === to || !isWidening(less, to)),
          `${to} is not the least`,
        );
      },
    ),
    { numRuns: 600 },
  );
});

const widened = (column: PrimitiveType, texts: string[], prefersDecimal = false): string | undefined =>
  typeForNumbers(column, seenOf(texts), { prefersDecimal });

test("numbers: which type a column gets", () => {
  assert.equal(widened("byte", ["300"]), "short");
  assert.equal(widened("byte", ["300", "40000"]), "integer");
  assert.equal(widened("integer", ["-3000000000"]), "long");
  assert.equal(widened("integer", ["1.5"]), "double");
  assert.equal(widened("integer", ["1.5"], true), "decimal(11,1)");
  assert.equal(widened("integer", ["1.5", "9007199254740993"]), "decimal(17,1)");
  assert.equal(widened("long", ["1.5"]), "decimal(21,1)");
  assert.equal(widened("long", ["9223372036854775808"]), "decimal(20,0)");
  assert.equal(widened("long", ["1.50", "12"]), "decimal(21,1)");
  assert.equal(widened("float", ["0.1234567890123"]), "double");
  assert.equal(widened("decimal(5,2)", ["1234.5"]), "decimal(6,2)");
  assert.equal(widened("decimal(5,2)", ["0.12345"]), "decimal(8,5)");
});

test("numbers that no type holds do not keep those from their column that one does", () => {
  assert.equal(widened("integer", ["3000000000", "1e400"]), "long");
  assert.equal(widened("integer", ["1.5", "1e-400"]), "double");
  assert.equal(widened("short", ["70000", `1.${"3".repeat(40)}`]), "integer");
  assert.equal(widened("long", ["1e300"]), undefined);
  assert.equal(widened("float", ["1e400"]), undefined);
  assert.equal(widened("double", ["1e400"]), undefined);
  assert.equal(widened("decimal(38,2)", ["1.234"]), undefined);
  assert.equal(withNumber(NO_NUMBERS, VALUE_CLASS.EXP_LONG, "1e99999999999").integerDigits, 1000);
});

test("types of files: which type a column gets, always one of the protocol's list", () => {
  const table: readonly (readonly [PrimitiveType, PrimitiveType, PrimitiveType | undefined])[] = [
    ["byte", "short", "short"],
    ["short", "long", "long"],
    ["long", "integer", undefined],
    ["integer", "decimal(5,2)", "decimal(12,2)"],
    ["long", "decimal(5,2)", "decimal(22,2)"],
    ["long", "decimal(20,0)", "decimal(20,0)"],
    ["integer", "float", "double"],
    ["integer", "double", "double"],
    ["long", "double", undefined],
    ["float", "double", "double"],
    ["float", "integer", "double"],
    ["double", "decimal(5,2)", undefined],
    ["decimal(5,2)", "decimal(4,3)", "decimal(6,3)"],
    ["decimal(5,2)", "long", "decimal(21,2)"],
    ["decimal(5,2)", "double", undefined],
    ["decimal(38,2)", "decimal(38,4)", undefined],
    ["date", "timestamp_ntz", "timestamp_ntz"],
    ["date", "timestamp", undefined],
    ["timestamp", "timestamp_ntz", undefined],
    ["string", "long", undefined],
    ["integer", "string", undefined],
    ["boolean", "integer", undefined],
  ];
  for (const [column, file, to] of table) assert.equal(typeForType(column, file), to, `${column}, ${file}`);
  const types = [...NUMBERS, "date", "timestamp", "timestamp_ntz", "string", "boolean", "binary"] as const;
  fc.assert(
    fc.property(fc.constantFrom(...types), fc.constantFrom(...types), (column, file) => {
      const to = typeForType(column, file);
      if (to !== undefined) assert.ok(isWidening(column, to), `${column} to ${to}`);
    }),
    { numRuns: 600 },
  );
});
