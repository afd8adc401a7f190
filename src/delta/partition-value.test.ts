import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isLandfallError } from "../base/landfall-error.ts";
import type { DataType } from "../schema/data-type.ts";
import { parsePartitionValue, serializePartitionValue } from "./partition-value.ts";

test("values are serialized as the protocol says", () => {
  const vectors: [DataType, string, string][] = [
    ["string", "a/b ", "a/b "],
    ["long", "9223372036854775807", "9223372036854775807"],
    ["integer", "-7", "-7"],
    ["double", "1", "1.0"],
    ["double", "1e10", "1.0E10"],
    ["double", "1.5e-05", "1.5E-5"],
    ["double", "0.001", "0.001"],
    ["double", "9999999", "9999999.0"],
    ["double", "12345678", "1.2345678E7"],
    ["double", "-0.0", "-0.0"],
    ["float", "nan", "NaN"],
    ["float", "-inf", "-Infinity"],
    ["decimal(10,3)", "1.23", "1.230"],
    ["decimal(38,0)", "99999999999999999999999999999999999999", "99999999999999999999999999999999999999"],
    ["boolean", "TRUE", "true"],
    ["date", "2021-01-01", "2021-01-01"],
    ["timestamp", "2021-09-08 11:11:11+00", "2021-09-08T11:11:11.000000Z"],
    ["timestamp", "2021-09-08 11:11:11.123456+05:30", "2021-09-08T05:41:11.123456Z"],
    ["timestamp_ntz", "2021-09-08 11:11:11.5", "2021-09-08 11:11:11.500000"],
    ["timestamp_ntz", "2021-09-08 11:11:11", "2021-09-08 11:11:11"],
    ["timestamp_ntz", "0099-12-31 23:59:59", "0099-12-31 23:59:59"],
  ];
  for (const [type, text, serialized] of vectors) {
    assert.equal(serializePartitionValue(type, text), serialized, `${JSON.stringify(type)} ${text}`);
  }
});

test("values of other writers are read leniently", () => {
  const vectors: [DataType, string, string][] = [
    ["decimal(5,2)", "7", "7.00"],
    ["boolean", "False", "false"],
    ["timestamp", "2021-09-08T11:11:11Z", "2021-09-08 11:11:11.000000+00"],
    ["timestamp", "2021-09-08 11:11:11.25", "2021-09-08 11:11:11.250000+00"],
    ["timestamp", "2021-09-08", "2021-09-08 00:00:00.000000+00"],
    ["timestamp_ntz", "2021-09-08 11:11:11", "2021-09-08 11:11:11.000000"],
    ["double", "1E10", "1.0E10"],
  ];
  for (const [type, text, parsed] of vectors) assert.equal(parsePartitionValue(type, text), parsed);
});

test("null and the empty string are null for every type, in both directions", () => {
  for (const type of ["string", "long", "date", "decimal(3,1)"] as const) {
    for (const text of [null, ""]) {
      assert.equal(serializePartitionValue(type, text), null);
      assert.equal(parsePartitionValue(type, text), null);
    }
  }
});

test("what is no value of the type is refused, never bent", () => {
  const bad: [DataType, string][] = [
    ["integer", "1.5"],
    ["decimal(3,1)", "1.25"],
    ["decimal(3,1)", "123.4"],
    ["date", "infinity"],
    ["date", "10000-01-01"],
    ["timestamp", "infinity"],
    ["timestamp", "2021-02-30 00:00:00"],
    ["double", "one"],
    ["double", "constructor"],
    ["boolean", "yes"],
    [{ type: "struct", fields: [] }, "{}"],
  ];
  for (const [type, text] of bad) {
    assert.throws(
      () => serializePartitionValue(type, text),
      (error) => isLandfallError(error, "TABLE_SCHEMA_CONFLICT"),
    );
    assert.throws(
      () => parsePartitionValue(type, text),
      (error) => isLandfallError(error, "TABLE_LOG_CORRUPT"),
    );
  }
});

test("serialized values come back with the same meaning", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true }), (value) => {
      const serialized = serializePartitionValue("double", Object.is(value, -0) ? "-0.0" : String(value));
      assert.ok(Object.is(Number(parsePartitionValue("double", serialized)), value));
    }),
  );
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
      assert.equal(
        parsePartitionValue("long", serializePartitionValue("long", String(value))),
        String(value),
      );
    }),
  );
  fc.assert(
    fc.property(
      fc.date({
        min: new Date("0001-01-01T00:00:00Z"),
        max: new Date("9999-12-31T00:00:00Z"),
        noInvalidDate: true,
      }),
      (date) => {
        const iso = date.toISOString();
        const parsed = parsePartitionValue("timestamp", serializePartitionValue("timestamp", iso));
        assert.equal(parsed, `${iso.slice(0, 10)} ${iso.slice(11, 23)}000+00`);
      },
    ),
  );
});
