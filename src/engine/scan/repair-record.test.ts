import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { nullableField, type DataType, type StructType } from "../../schema/data-type.ts";
import { compileTarget } from "../../schema/fit.ts";
import { inferSchema } from "../../schema/infer-schema.ts";
import { JsonScanner, type JsonScan, type JsonScanOptions } from "./json-scanner.ts";
import { randomLine, seededRandom } from "./random-lines.ts";
import { recordPlaces } from "./record-list.ts";
import { repairRecord, type RepairedRecord } from "./repair-record.ts";

function struct(columns: Readonly<Record<string, DataType>>): StructType {
  return { type: "struct", fields: Object.entries(columns).map(([name, type]) => nullableField(name, type)) };
}

function repair(record: string, schema: StructType): RepairedRecord {
  const target = compileTarget({ schema });
  return repairRecord({
    record: Buffer.from(record),
    target,
    rescuedColumn: "_rescued_data",
    filePath: "in/é.json",
  });
}

const longs: DataType = { type: "array", elementType: "long", containsNull: true };
const schema = struct({
  id: "long",
  name: "string",
  price: "decimal(20,2)",
  at: "timestamp",
  tags: longs,
  battery: struct({ soc: "double", volt: "long" }),
  items: { type: "array", elementType: struct({ n: "long" }), containsNull: true },
});

const cases: readonly (readonly [string, string, string, string | undefined])[] = [
  ["a clean record keeps its text", '{"id":1, "name":"x"}', '{"id":1,"name":"x"}', undefined],
  ["a misfit moves with its digits", '{"id":1.10,"name":"x"}', '{"name":"x"}', '{"id":1.10}'],
  ["an unknown key moves with its blanks", '{"id":1,"new":{"z": 1.10}}', '{"id":1}', '{"new":{"z": 1.10}}'],
  ["an unknown null is nothing", '{"id":1,"new":null}', '{"id":1}', undefined],
  ["an unknown empty object is kept", '{"new":{},"old":[]}', "{}", '{"new":{},"old":[]}'],
  ["a number in a string column is quoted as written", '{"name":1.10}', '{"name":"1.10"}', undefined],
  [
    "an object in a string column is its source text",
    '{"name":{"a": "\\n"}}',
    '{"name":"{\\"a\\": \\"\\\\n\\"}"}',
    undefined,
  ],
  [
    "a misfit in a struct keeps its path",
    '{"battery":{"soc":"x","volt":3}}',
    '{"battery":{"volt":3}}',
    '{"battery":{"soc":"x"}}',
  ],
  ["a scalar for a struct moves", '{"battery":7}', "{}", '{"battery":7}'],
  [
    "a misfit in an array keeps its position",
    '{"tags":[1,"x",2.5,null]}',
    '{"tags":[1,null,null,null]}',
    '{"tags":[null,"x",2.5,null]}',
  ],
  [
    "an unknown key in an array of objects keeps its position",
    '{"items":[{"n":1},{"n":2,"m":3}]}',
    '{"items":[{"n":1},{"n":2}]}',
    '{"items":[null,{"m":3}]}',
  ],
  ["of equal keys the last counts", '{"id":1,"id":2,"\\u0069d":3}', '{"\\u0069d":3}', '{"id":1,"id":2}'],
  [
    "a decimal of many digits is quoted",
    '{"price":123456789012345678.25}',
    '{"price":"123456789012345678.25"}',
    undefined,
  ],
  ["a decimal with an exponent is written out", '{"price":1.5e3}', '{"price":"1500"}', undefined],
  ["a decimal with a digit too many moves", '{"price":1.255}', "{}", '{"price":1.255}'],
  ["another case of a name is another key", '{"ID":1}', "{}", '{"ID":1}'],
  [
    "a key named like an object's own is a key",
    '{"__proto__":{"a":1},"constructor":2}',
    "{}",
    '{"__proto__":{"a":1},"constructor":2}',
  ],
  ["the rescued column's own name in the data moves", '{"_rescued_data":"x"}', "{}", '{"_rescued_data":"x"}'],
  ["text beyond ASCII stays as it is", '{"name":"é中😀","ö":"ü"}', '{"name":"é中😀"}', '{"ö":"ü"}'],
];

for (const [name, record, kept, rescued] of cases) {
  test(name, () => {
    const { line } = repair(record, schema);
    const column =
      rescued === undefined
        ? ""
        : `"_rescued_data":${JSON.stringify(`${rescued.slice(0, -1)},"_file_path":"in/é.json"}`)}`;
    const members = [kept.slice(1, -1), column].filter((part) => part !== "").join(",");
    assert.equal(line.toString("utf8"), `{${members}}`);
  });
}

test("rescued and rewritten values are counted", () => {
  const { rescued, rewritten } = repair(
    '{"id":"x","name":5,"price":1e2,"new":[1,2],"tags":["a","b"]}',
    schema,
  );
  assert.deepEqual([rescued, rewritten], [4, 2]);
});

test("a prefix stands first, also before nothing", () => {
  const options = {
    target: compileTarget({ schema }),
    rescuedColumn: "r",
    filePath: "f",
    prefix: '"_src":12',
  };
  assert.equal(
    repairRecord({ ...options, record: Buffer.from('{"id":1}\r\n') }).line.toString(),
    '{"_src":12,"id":1}',
  );
  assert.equal(repairRecord({ ...options, record: Buffer.from("{}") }).line.toString(), '{"_src":12}');
});

function scan(text: Buffer, options: JsonScanOptions = {}): JsonScan {
  const scanner = new JsonScanner(options);
  scanner.feed(text);
  return scanner.finish();
}

/** Every scalar that is not null, and every empty container, with its path, as text. */
function leaves(value: unknown, path: string, found: string[]): string[] {
  if (value === null) return found;
  if (typeof value !== "object" || Object.keys(value).length === 0)
    found.push(`${path}=${JSON.stringify(value)}`);
  else for (const [key, inner] of Object.entries(value)) leaves(inner, `${path}/${key}`, found);
  return found;
}

test("whatever the record and the schema: the repaired record is clean, and kept and rescued together are the record", () => {
  let repaired = 0;
  fc.assert(
    fc.property(fc.nat(), fc.nat(), (seed, other) => {
      const lines = linesOf(seed);
      const inferred = inferSchema({ trie: scan(linesOf(other)).trie });
      const schema = { ...inferred, fields: [...inferred.fields, nullableField("_rescued_data", "string")] };
      const target = compileTarget({ schema: inferred });
      const whole = compileTarget({ schema });
      for (const { offset, length } of recordPlaces(scan(lines, { target }).dirty)) {
        const record = lines.subarray(offset, offset + length);
        const { line } = repairRecord({ record, target, rescuedColumn: "_rescued_data", filePath: "f" });
        const again = scan(line, { target: whole });
        assert.deepEqual([again.records, again.malformed.count, again.dirty.count], [1, 0, 0]);
        repaired += 1;
        assertNothingLost(record, line);
      }
    }),
    { numRuns: 300 },
  );
  assert.ok(repaired > 100, `${repaired} repaired`);
});

function assertNothingLost(record: Buffer, line: Buffer): void {
  const { _rescued_data: rescued, ...kept } = JSON.parse(line.toString()) as Record<string, unknown>;
  const rest = JSON.parse((rescued as string | undefined) ?? "{}") as Record<string, unknown>;
  delete rest["_file_path"];
  const keptLeaves = new Set([...leaves(kept, "", []), ...leaves(rest, "", [])]);
  const source = JSON.parse(record.toString()) as unknown;
  for (const leaf of leaves(source, "", [])) {
    // A string column holds another value as source text, at the path of the value or of what it lay in.
    const path = leaf.slice(0, leaf.indexOf("="));
    const isText = [...keptLeaves].some((other) => {
      const at = other.slice(0, other.indexOf("="));
      return other.startsWith(`${at}="`) && (path === at || path.startsWith(`${at}/`));
    });
    assert.ok(
      keptLeaves.has(leaf) || isText,
      `${leaf} of ${record.toString()} is neither kept nor rescued: ${line.toString()}`,
    );
  }
}

function linesOf(seed: number): Buffer {
  const random = seededRandom(seed);
  return Buffer.concat(Array.from({ length: 8 }, () => [randomLine(random), Buffer.from("\n")]).flat());
}
