import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { nullableField, type DataType } from "../../schema/data-type.ts";
import { compileTarget, misfitsOf } from "../../schema/fit.ts";
import { inferSchema } from "../../schema/infer-schema.ts";
import { classesOf } from "../../schema/value-class.ts";
import { JsonScanner, type JsonScan, type JsonScanOptions } from "./json-scanner.ts";
import { randomLine, seededRandom } from "./random-lines.ts";
import { malformedReason, recordPlaces } from "./record-list.ts";

function scanWith(text: string | Buffer, options: JsonScanOptions): JsonScan {
  const scanner = new JsonScanner(options);
  scanner.feed(Buffer.from(text));
  return scanner.finish();
}

/** By TypeScript alone and with WebAssembly, which must agree. */
function scan(text: string | Buffer, options: JsonScanOptions = {}): JsonScan {
  const scanned = scanWith(text, { ...options, wasmFromBytes: Infinity });
  assert.deepEqual(scanWith(text, { ...options, wasmFromBytes: 0 }), scanned);
  return scanned;
}

function reasons(scanned: JsonScan): string[] {
  return [...recordPlaces(scanned.malformed)].map(malformedReason);
}

function target(columns: Readonly<Record<string, DataType>>): ReturnType<typeof compileTarget> {
  const fields = Object.entries(columns).map(([name, type]) => nullableField(name, type));
  return compileTarget({ schema: { type: "struct", fields } });
}

const enemies: readonly (readonly [string, string | Buffer, string])[] = [
  ["NaN", '{"a":NaN}', "invalidLiteral"],
  ["Infinity", '{"a":-Infinity}', "invalidNumber"],
  ["a trailing comma in an object", '{"a":1,}', "unexpectedCharacter"],
  ["a trailing comma in an array", '{"a":[1,]}', "unexpectedCharacter"],
  ["a comment", '{"a":1}// x', "trailingCharacters"],
  ["single quotes", "{'a':1}", "unexpectedCharacter"],
  ["a leading zero", '{"a":01}', "invalidNumber"],
  ["a leading plus", '{"a":+1}', "unexpectedCharacter"],
  ["a bare point", '{"a":1.}', "invalidNumber"],
  ["an empty exponent", '{"a":1e+}', "invalidNumber"],
  ["a raw tab in a string", '{"a":"x\ty"}', "controlCharacter"],
  ["an unknown escape", '{"a":"\\x41"}', "invalidEscape"],
  ["a short unicode escape", '{"a":"\\u12"}', "invalidEscape"],
  ["a lone high surrogate", '{"a":"\\ud800"}', "loneSurrogate"],
  ["a lone low surrogate in a key", '{"\\udc00":1}', "loneSurrogate"],
  ["invalid UTF-8", Buffer.from([...Buffer.from('{"a":"'), 0xff, ...Buffer.from('"}')]), "invalidUtf8"],
  [
    "an overlong encoding",
    Buffer.from([...Buffer.from('{"a":"'), 0xc0, 0xaf, ...Buffer.from('"}')]),
    "invalidUtf8",
  ],
  ["a cut string", '{"a":"x', "truncated"],
  ["a cut escape", '{"a":"\\', "invalidEscape"],
  ["a cut object", '{"a":1', "truncated"],
  ["a missing colon", '{"a" 1}', "unexpectedCharacter"],
  ["a missing value", '{"a":}', "unexpectedCharacter"],
  ["mismatched brackets", '{"a":[1}', "unexpectedCharacter"],
  ["two objects on a line", '{"a":1}{"a":2}', "trailingCharacters"],
  ["an array", "[1]", "notAnObject"],
  ["a number", "5", "notAnObject"],
  ["null", "null", "notAnObject"],
  ["UTF-16", Buffer.from('{"a":1}', "utf16le"), "unexpectedCharacter"],
  ["a form feed", '\f{"a":1}', "notAnObject"],
  ["nesting deeper than the limit", `{"a":${"[".repeat(200)}${"]".repeat(200)}}`, "tooDeep"],
  ["a million brackets", `{"a":${"[".repeat(1_000_000)}`, "tooDeep"],
];

for (const [name, line, reason] of enemies) {
  test(`${name} is malformed as ${reason}, leaves no trace, and its neighbours stand`, () => {
    const scanned = scan(
      Buffer.concat([Buffer.from('{"ok":1}\n'), Buffer.from(line), Buffer.from('\n{"ok":2}')]),
    );
    assert.equal(scanned.records, 3);
    assert.deepEqual(reasons(scanned), [reason]);
    const [place] = [...recordPlaces(scanned.malformed)];
    assert.deepEqual([place!.offset, place!.length, place!.ordinal], [9, Buffer.from(line).length, 1]);
    assert.deepEqual([...scanned.trie.fields.keys()], ["ok"]);
  });
}

test("nesting up to the limit is accepted", () => {
  assert.equal(scan(`{"a":${"[".repeat(199)}${"]".repeat(199)}}`).malformed.count, 0);
});

for (const text of ["", "\n", " \t\r\n\r\n", "\ufeff", "\ufeff\r\n"]) {
  test(`${JSON.stringify(text)} holds no record`, () => {
    const { records, malformed, trie } = scan(text);
    assert.deepEqual([records, malformed.count, trie.fields.size], [0, 0, 0]);
  });
}

test("a byte order mark, CRLF, blank lines, a lone CR and a missing last newline are no fault", () => {
  const scanned = scan('\ufeff{"a":1}\r\n\r\n  \n{"a"\r:\r2}\n{"a":3}');
  assert.deepEqual([scanned.records, scanned.malformed.count], [3, 0]);
  assert.deepEqual(scanned.trie.fields.get("a")!.first, { file: 0, offset: 8 });
});

test("a byte order mark after the start is malformed", () => {
  assert.deepEqual(reasons(scan('{"a":1}\n\ufeff{"a":1}')), ["notAnObject"]);
});

test("a record longer than the limit is malformed, and longer blank lines are blank", () => {
  const long = `{"a":"${"x".repeat(100)}"}`;
  const scanned = scan(`${long}\n${" ".repeat(500)}\n{"a":1}`, { maxRecordBytes: 50 });
  assert.deepEqual([scanned.records, reasons(scanned)], [2, ["tooLong"]]);
  assert.equal(scan(long, { maxRecordBytes: long.length }).malformed.count, 0);
  assert.equal(scan(long, { maxRecordBytes: long.length - 1 }).malformed.count, 1);
});

test("a key twice in one object is found at every level, and not across objects", () => {
  const scanned = scan('{"a":1,"\\u0061":2,"o":[{"x":1},{"x":2},{"y":1,"y":1}]}\n{"a":1}');
  const flags = (path: string): boolean => {
    const node =
      path === "a" ? scanned.trie.fields.get("a") : scanned.trie.fields.get("o")!.element!.fields.get(path);
    return classesOf(node!.mask).includes("DUP");
  };
  assert.deepEqual(["a", "x", "y"].map(flags), [true, false, true]);
});

test("a number's digits are remembered, those of malformed records not", () => {
  const scanned = scan('{"a":123.4}\n{"a":1.2345}\n{"a":1234567.12345678\n{"a":1e5}');
  const { integerDigits, scale } = scanned.trie.fields.get("a")!;
  assert.deepEqual([integerDigits, scale], [6, 4]);
});

const dirty: readonly (readonly [string, DataType, string, boolean])[] = [
  ["an integer in LONG", "long", "5", false],
  ["2.0 in LONG", "long", "2.0", true],
  ["a string in LONG", "long", '"5"', true],
  ["null in LONG", "long", "null", false],
  ["an integer beyond BYTE", "byte", "128", true],
  ["9007199254740993 in DOUBLE", "double", "9007199254740993", true],
  ["a number in STRING", "string", "1.10", true],
  ["a timestamp in STRING", "string", '"2024-01-02T03:04:05Z"', false],
  ["a string in TIMESTAMP", "timestamp", '"soon"', true],
  ["a date in TIMESTAMP", "timestamp", '"2024-01-02"', true],
  ["0.1 in FLOAT", "float", "0.1", false],
  ["0.123456789 in FLOAT", "float", "0.123456789", true],
  ["1.25 in decimal(5,2)", "decimal(5,2)", "1.25", false],
  ["1.255 in decimal(5,2)", "decimal(5,2)", "1.255", true],
  ["a scalar in ARRAY", { type: "array", elementType: "long", containsNull: true }, "1", true],
  ["a misfit in ARRAY", { type: "array", elementType: "long", containsNull: true }, '[1,"x"]', true],
];

for (const [name, type, value, expected] of dirty) {
  test(`${name} is ${expected ? "dirty" : "clean"}`, () => {
    const scanned = scan(`{"a":null}\n{"a":${value}}`, { target: target({ a: type }) });
    const places = [...recordPlaces(scanned.dirty)].map(({ offset, ordinal }) => [offset, ordinal]);
    assert.deepEqual(places, expected ? [[11, 1]] : []);
  });
}

test("a string after others is still looked at where plain strings do not fit", () => {
  const text = '{"a":"x"}\n{"a":"2024-01-02T03:04:05Z"}';
  const scanned = scan(text, { target: target({ a: "timestamp" }) });
  assert.deepEqual(
    [...recordPlaces(scanned.dirty)].map((place) => place.ordinal),
    [0],
  );
});

test("an unknown key is dirty unless it is null; other case is another key", () => {
  const scanned = scan('{"a":1,"b":null}\n{"a":1,"b":[]}\n{"A":1}', { target: target({ a: "long" }) });
  assert.deepEqual(
    [...recordPlaces(scanned.dirty)].map((place) => place.ordinal),
    [1, 2],
  );
});

test("beyond the limit of paths keys are not told apart: the trie says so, and with a target their records are dirty", () => {
  const lines = Array.from({ length: 50 }, (_, i) => `{"k${i}":{"x":1},"a":1}`).join("\n");
  assert.equal(scan(lines, { maxPaths: 20 }).trie.overflowed, true);
  assert.equal(scan(lines, { maxPaths: 200 }).trie.overflowed, false);
  assert.equal(scan(lines, { maxPaths: 20, target: target({ a: "long" }) }).dirty.count, 50);
  assert.equal(scan('{"a":1}\n{"b":2,"c":3', { maxPaths: 3 }).trie.overflowed, false);
});

/** A file of random lines with everything that surrounds them in practice. */
function randomFile(seed: number): Buffer {
  const random = seededRandom(seed);
  const parts: Buffer[] = random() < 0.3 ? [Buffer.from("\ufeff")] : [];
  for (let i = Math.floor(random() * 12); i > 0; i--) {
    parts.push(randomLine(random), Buffer.from(["\n", "\r\n", "\n\n", "\n \n"][Math.floor(random() * 4)]!));
  }
  if (random() < 0.5) parts.push(randomLine(random));
  return Buffer.concat(parts);
}

test("however a file is cut into chunks, the scan is the same", () => {
  const cuts = fc.array(fc.nat(400), { maxLength: 30 });
  const limits = fc.constantFrom(16 * 1024 * 1024, 60, 10);
  const wasm = fc.constantFrom(0, 100, Infinity);
  fc.assert(
    fc.property(
      fc.nat(),
      cuts,
      limits,
      wasm,
      fc.boolean(),
      (seed, cuts, maxRecordBytes, wasmFromBytes, hasTarget) => {
        const file = randomFile(seed);
        const options = {
          maxRecordBytes,
          wasmFromBytes,
          ...(hasTarget ? { target: target({ a: "long", ts: "timestamp" }) } : {}),
        };
        const scanner = new JsonScanner(options);
        const bounds = [0, ...cuts.filter((cut) => cut <= file.length).sort((a, b) => a - b), file.length];
        for (const [i, bound] of bounds.slice(1).entries()) {
          const chunk = Buffer.from(file.subarray(bounds[i], bound));
          scanner.feed(chunk);
          // The caller may reuse its buffer.
          chunk.fill(0);
        }
        assert.deepEqual(scanner.finish(), scan(file, options));
      },
    ),
    { numRuns: 400 },
  );
});

test("records are the lines that are not blank", () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const file = randomFile(seed);
      const text = file.toString("latin1").replace(/^\u00ef\u00bb\u00bf/, "");
      const lines = text.split("\n").filter((line) => !/^[ \t\r]*$/.test(line));
      assert.equal(scan(file).records, lines.length);
    }),
  );
});

test("a file whose trie has no misfit has no dirty record, and the other way round where no path checks digits", () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(), (seed, other) => {
      const file = randomFile(seed);
      const schema = inferSchema({ trie: scan(randomFile(other)).trie });
      const compiled = compileTarget({ schema });
      const { trie } = scan(file);
      assert.equal(
        misfitsOf({ trie, target: compiled }).length > 0,
        scan(file, { target: compiled }).dirty.count > 0,
      );
    }),
    { numRuns: 300 },
  );
});
