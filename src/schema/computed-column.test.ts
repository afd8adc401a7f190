import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  COMPUTED_FUNCTIONS,
  computedColumnsOf,
  computedField,
  readPartition,
  type ComputedFunction,
} from "./computed-column.ts";

test("a column is itself, a function of one makes a column of its own", () => {
  const computed = (name: string, of: readonly string[], column: string): unknown => ({
    kind: "computed",
    column: { name: column, function: name, of },
  });
  const cases: Readonly<Record<string, unknown>> = {
    day: { kind: "column", name: "day" },
    "odd name": { kind: "column", name: "odd name" },
    "date(at)": computed("date", ["at"], "at_date"),
    " YEAR( event.`at x` ) as y": computed("year", ["event", "at x"], "y"),
    "hour(event.at)": computed("hour", ["event", "at"], "event_at_hour"),
    "month(at) AS `m`": computed("month", ["at"], "m"),
  };
  for (const [text, expected] of Object.entries(cases)) assert.deepEqual(readPartition(text), expected, text);
});

test("what cannot be computed is refused with what can", () => {
  const cases: Readonly<Record<string, RegExp>> = {
    "": /must be a column name/,
    "dat(at)": /holds the expression "dat\(at\)", and only date, /,
    "constructor(at)": /and only date, /,
    "date()": /cannot be read: expected a column name/,
    "date(at, x)": /cannot be read: expected \)/,
    "date(at) AS day of month": /cannot be read: expected a comma or the end/,
    "date(`a b`)": /makes the column "a b_date", whose name Spark refuses/,
    "date(at) AS ''": /cannot be read/,
  };
  for (const [text, message] of Object.entries(cases)) {
    const reading = readPartition(text);
    assert.match(reading.kind === "fault" ? reading.message : "taken", message, text);
  }
  const near = readPartition("dat(at) AS d");
  assert.equal(near.kind === "fault" ? near.suggestion : undefined, "date(at) AS d");
});

test("a table tells its computed columns with their rule and zone, whatever the names", () => {
  const name = fc.string({ unit: "binary", minLength: 1, maxLength: 5 });
  const functions = Object.keys(COMPUTED_FUNCTIONS) as ComputedFunction[];
  fc.assert(
    fc.property(
      name,
      fc.constantFrom(...functions),
      fc.array(name, { minLength: 1, maxLength: 3 }),
      fc.constantFrom("UTC", "Europe/Berlin"),
      (column, func, of, timeZone) => {
        const wanted = { name: column, function: func, of };
        const field = computedField(wanted, timeZone);
        const found = computedColumnsOf({ type: "struct", fields: [field] });
        assert.deepEqual(found, [{ column: wanted, timeZone, field }]);
      },
    ),
  );
});
