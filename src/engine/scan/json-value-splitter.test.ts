import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isLandfallError } from "../../base/landfall-error.ts";
import { JsonValueSplitter } from "./json-value-splitter.ts";

/** The lines that are not blank, of a file in chunks of a size. */
function split(content: string | Buffer, path: readonly string[] = [], chunk = 1_000_000): string[] {
  const bytes = Buffer.from(content);
  const pieces: Buffer[] = [];
  const splitter = new JsonValueSplitter({
    path,
    file: "f",
    write: (piece) => pieces.push(Buffer.from(piece)),
  });
  for (let at = 0; at < bytes.length; at += chunk) {
    // As in a reader's one buffer, bytes are gone once they were fed.
    const fed = Buffer.from(bytes.subarray(at, at + chunk));
    splitter.feed(fed);
    fed.fill(0x78);
  }
  splitter.finish();
  return Buffer.concat(pieces)
    .toString("latin1")
    .split("\n")
    .filter((line) => line !== "");
}

function fault(content: string, path: readonly string[] = []): string {
  const faults = [1, 2, 1_000_000].map((chunk) => {
    try {
      split(content, path, chunk);
    } catch (error) {
      assert.ok(isLandfallError(error, "FILE_DAMAGED"), String(error));
      return error.message;
    }
    return "none";
  });
  assert.equal(new Set(faults).size, 1, `${content}: ${faults.join(" | ")}`);
  return faults[0]!;
}

const blanks = fc.stringMatching(/^[ \t\r\n]{0,4}$/);
const value = fc.jsonValue({ maxDepth: 3, stringUnit: "binary" });
const record = fc.dictionary(fc.string({ unit: "binary" }), value, { maxKeys: 4 });
const text = fc
  .tuple(record, fc.constantFrom(undefined, 2, "\t"))
  .map(([made, indent]) => JSON.stringify(made, undefined, indent));

/** What the file holds, by the bytes of `JSON.stringify` once blanks are gone. */
const compact = (line: string): string => JSON.stringify(JSON.parse(Buffer.from(line, "latin1").toString()));

test("arrays and objects in any order and any blanks give their records, cut into any chunks", () => {
  const document = fc.oneof(
    text.map((one) => [one, [one]] as const),
    fc.tuple(fc.array(text, { maxLength: 4 }), blanks).map(([elements, blank]) => {
      const joined = elements.join(`${blank},${blank}`);
      return [`[${blank}${joined}${blank}]`, elements] as const;
    }),
  );
  fc.assert(
    fc.property(
      fc.array(document, { maxLength: 5 }),
      blanks,
      fc.integer({ min: 1, max: 40 }),
      (documents, blank, chunk) => {
        const content = documents.map(([written]) => written).join(blank) + blank;
        const expected = documents.flatMap(([, records]) => records.map((one) => JSON.parse(one) as unknown));
        const lines = split(content, [], chunk);
        assert.deepEqual(
          lines.map(compact),
          expected.map((one) => JSON.stringify(one)),
        );
        assert.deepEqual(lines, split(content));
      },
    ),
    { numRuns: 300 },
  );
});

test("the records at a path are those that JSON.parse finds there, whatever stands beside them", () => {
  const key = fc.oneof(fc.constantFrom("data", "items", "a.b", "", "é\u0000"), fc.string({ unit: "binary" }));
  const noise = fc.array(fc.tuple(key, value), { maxLength: 4 });
  const items = fc.oneof(record, fc.array(value, { maxLength: 4 }));
  const level = (name: string, inner: fc.Arbitrary<unknown>): fc.Arbitrary<Record<string, unknown>> =>
    fc
      .tuple(noise, inner, noise)
      .map(([before, found, after]) =>
        Object.fromEntries([
          ...before.filter(([other]) => other !== name),
          [name, found],
          ...after.filter(([other]) => other !== name),
        ]),
      );
  const path = fc.array(fc.constantFrom("data", "items", "a.b", "", "é\u0000"), {
    minLength: 1,
    maxLength: 3,
  });
  const file = path.chain((keys) =>
    fc.record({
      keys: fc.constant(keys),
      documents: fc.array(
        keys.reduceRight<fc.Arbitrary<unknown>>((inner, name) => level(name, inner), items),
        { maxLength: 3 },
      ),
    }),
  );
  fc.assert(
    fc.property(
      file,
      fc.constantFrom(undefined, 1),
      fc.integer({ min: 1, max: 40 }),
      ({ keys, documents }, indent, chunk) => {
        const content = documents.map((one) => JSON.stringify(one, undefined, indent)).join("\n");
        const expected = documents.flatMap((one) => {
          const found = keys.reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], one);
          return Array.isArray(found) ? (found as unknown[]) : [found];
        });
        assert.deepEqual(
          split(content, keys, chunk).map(compact),
          expected.map((one) => JSON.stringify(one)),
        );
      },
    ),
    { numRuns: 200 },
  );
});

test("digits, escapes and blanks other than newlines stay as they are", () => {
  const record = '{"n":1.10,"big":123456789012345678901234567890,"e":1E+2,"s":"\\u0041\\n\\\\","t" :\t[ 1 ]}';
  assert.deepEqual(split(`[${record},${record}]`), [record, record]);
  assert.deepEqual(split('{"a":\r\n1}'), ['{"a":\r 1}']);
});

test("what is wrong inside an element stays in its line", () => {
  assert.deepEqual(split('[{"a":01},{"b" 2},{"c":"\\x"},{nope},{"d":3}]'), [
    '{"a":01}',
    '{"b" 2}',
    '{"c":"\\x"}',
    "{nope}",
    '{"d":3}',
  ]);
});

test("elements that are no objects become lines of their own", () => {
  assert.deepEqual(split('[1, "a,]", null ,[2,[3]],true,nope,{"a":1}]'), [
    "1",
    '"a,]"',
    "null",
    "[2,[3]]",
    "true",
    "nope",
    '{"a":1}',
  ]);
});

test("a raw newline in a string never becomes a blank that JSON allows", () => {
  assert.deepEqual(split('[{"a":"x\ny"},"\\\n"]'), ['{"a":"x\ry"}', '"\\\r"']);
});

test("files without values give no lines", () => {
  for (const content of ["", " \n", "[]", "[ ]\n[]", "\n[\n]\n"]) assert.deepEqual(split(content), []);
});

test("brackets that do not close and bytes between values are damage, with their place", () => {
  const expected = [
    ['[{"a":1}', /ends before its brackets close, at byte 8/],
    ['[{"a":1},', /ends before/],
    ['{"a":"', /ends before/],
    ["[1", /ends before/],
    ['[{"a":[1}]', /brackets that cross, at byte 8/],
    ['[{"a":1}]]', /neither an object nor an array, at byte 9/],
    ['{"a":1},{"a":2}', /neither an object nor an array, at byte 7/],
    ['{"a":1} 5', /neither .* at byte 8/],
    ['[{"a":1},]', /comma with no value after it, at byte 9/],
    ['[,{"a":1}]', /no value where one must stand, at byte 1/],
    ['[{"a":1}{"a":2}]', /other than a comma between two values, at byte 8/],
    ["[tr ue]", /other than a comma between two values, at byte 4/],
    ["[1:2]", /other than a comma/],
  ] as const;
  for (const [content, message] of expected) assert.match(fault(content), message, content);
});

test("a document without the path, or with it twice, is damage that names the path", () => {
  const path = ["data", "items"];
  const expected = [
    ["{}", /nothing at \$\.data\.items/],
    ['{"data":{}}', /nothing at/],
    ['{"data":[{"items":[]}]}', /nothing at/],
    ['{"items":[],"x":{"data":{"items":[]}}}', /nothing at/],
    ['{"data":{"items":[]}}{"data":5}', /nothing at/],
    ['[{"data":{"items":[]}}]', /a document is an array, and \$\.data\.items leads into objects/],
    ['{"data":{"items":null}}', /no array or object at \$\.data\.items/],
    ['{"data":{"items":[],"items":[]}}', /stands twice/],
    ['{"data":{"items":[]},"data":{"items":[]}}', /stands twice/],
    ['{"data":{"items":[]}', /ends before/],
    ['{"data" {"items":[]}}', /no colon after a key/],
    ["{data:1}", /no key where/],
    ['{"data":{"items":[]} "x":1}', /other than a comma between two keys/],
  ] as const;
  for (const [content, message] of expected) assert.match(fault(content, path), message, content);
  assert.deepEqual(split('{"\\u0064ata":{"items":[{"a":1}]}}', path), ['{"a":1}']);
  assert.deepEqual(split('{"data":{"items":{"a":1}},"data":2}', path), ['{"a":1}']);
});

test("nesting without end is damage, not memory", () => {
  assert.deepEqual(split(`[${"[".repeat(5000)}${"]".repeat(5000)}]`, [], 777).length, 1);
  assert.throws(() => split("[".repeat(1_100_000)), /more than 1048576 open brackets/);
});
