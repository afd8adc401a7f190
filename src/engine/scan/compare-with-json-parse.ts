/**
 * The scanner against `JSON.parse`: what it accepts, and the class of every value by a second, slow reading of the source text.
 * For the tests; by hand with more lines and another seed: `node src/engine/scan/compare-with-json-parse.ts 100000 7`.
 */
import assert from "node:assert/strict";
import { isUtf8 } from "node:buffer";
import { EMPTY_TRIE, mergeTries, type TrieNode } from "../../schema/lattice.ts";
import { VALUE_CLASS } from "../../schema/value-class.ts";
import { JsonScanner, type JsonScan } from "./json-scanner.ts";
import { randomLine, seededRandom } from "./random-lines.ts";

const MAX_DEPTH = 5;
const NEWLINE = Buffer.from("\n");

class Leaf {
  readonly source: string;
  constructor(source: string) {
    this.source = source;
  }
}

type Parse = (
  text: string,
  reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
) => unknown;

function parsed(line: Buffer): unknown {
  const parse = JSON.parse as unknown as Parse;
  try {
    return parse(line.toString("utf8"), (_key, value, { source }) =>
      source === undefined ? value : new Leaf(source),
    );
  } catch {
    return undefined;
  }
}

/** Whether the scanner must accept the line: what JSON.parse accepts, less the points in which the scanner is stricter. */
function isRecord(line: Buffer, value: unknown): boolean {
  if (!isUtf8(line) || value === undefined || value instanceof Leaf || Array.isArray(value)) return false;
  const text = line.toString("utf8");
  const strings = text.match(/"(?:[^"\\]|\\.)*"/g) ?? [];
  if (!strings.every((literal) => (JSON.parse(literal) as string).isWellFormed())) return false;
  let depth = 0;
  let deepest = 0;
  for (const char of text.replaceAll(/"(?:[^"\\]|\\.)*"/g, "")) {
    if (char === "{" || char === "[") depth += 1;
    if (char === "}" || char === "]") depth -= 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest <= MAX_DEPTH;
}

/** A number as n × 10^e. */
function rational(text: string): { n: bigint; e: number } {
  const [, sign, whole, fraction = "", exponent = "0"] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(
    text,
  )!;
  return { n: BigInt(`${sign}${whole}${fraction}`) * 1n, e: Number(exponent) - fraction.length };
}

function hasSameValue(a: string, b: string): boolean {
  const x = rational(a);
  const y = rational(b);
  if (x.n === 0n || y.n === 0n) return x.n === y.n;
  const least = Math.min(x.e, y.e);
  if (Math.max(x.e, y.e) - least > 5000) return false;
  return x.n * 10n ** BigInt(x.e - least) === y.n * 10n ** BigInt(y.e - least);
}

function numberClass(source: string): keyof typeof VALUE_CLASS {
  const double = Number(source);
  const fits = Number.isFinite(double) && hasSameValue(source, String(double));
  if (/[eE]/.test(source)) return fits ? "EXP" : "EXP_LONG";
  if (source.includes(".")) return fits ? "DEC" : "DEC_LONG";
  const value = BigInt(source);
  const size = (bits: number): boolean => BigInt.asIntN(bits, value) === value;
  if (size(8)) return "INT8";
  if (size(16)) return "INT16";
  if (size(32)) return "INT32";
  if (source.replace("-", "").length <= 15) return "INT15";
  const exact = Number.isFinite(double) && BigInt(double) === value;
  if (size(64)) return exact ? "INT64_EXACT" : "INT64";
  return exact ? "BIG_EXACT" : "BIG";
}

const DATE = /^(\d{4}-\d{2}-\d{2})$/;
const TIMESTAMP =
  /^(\d{4}-\d{2}-\d{2})[T ]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.(\d+))?(Z|[+-](?:0\d|1[0-5]):[0-5]\d)?$/;

function isDay(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text) && !text.startsWith("0000");
}

function textClass(source: string): keyof typeof VALUE_CLASS {
  const text = source.slice(1, -1);
  if (text.includes("\\")) return "STR";
  if (DATE.test(text) && isDay(text)) return "DATE";
  const match = TIMESTAMP.exec(text);
  if (match === null || !isDay(match[1]!)) return "STR";
  const zone = match[4];
  if (zone !== undefined && zone !== "Z" && /^(?:0001|9999)/.test(text)) return "STR";
  if ((match[3]?.length ?? 0) > 6) return "TS_NANO";
  return zone === undefined ? "TS_LOCAL" : "TS_ZONED";
}

function leafClass(source: string): keyof typeof VALUE_CLASS {
  if (source === "null") return "NULL";
  if (source === "true" || source === "false") return "BOOL";
  return source.startsWith('"') ? textClass(source) : numberClass(source);
}

type Masks = Map<string, number>;

/** Path to mask, from what JSON.parse made of the line. */
function naiveMasks(value: unknown, path: readonly (string | null)[] = [], masks: Masks = new Map()): Masks {
  const add = (bit: number): void => {
    const key = JSON.stringify(path);
    const mask = (masks.get(key) ?? 0) | bit;
    masks.set(key, (mask & VALUE_CLASS.STR) === 0 ? mask : mask & ~TEMPORAL);
  };
  if (value instanceof Leaf) add(VALUE_CLASS[leafClass(value.source)]);
  else if (Array.isArray(value)) {
    add(VALUE_CLASS.ARR);
    for (const item of value) naiveMasks(item, [...path, null], masks);
  } else {
    add(VALUE_CLASS.OBJ);
    for (const [key, item] of Object.entries(value as object)) naiveMasks(item, [...path, key], masks);
  }
  return masks;
}

const TEMPORAL = VALUE_CLASS.DATE | VALUE_CLASS.TS_LOCAL | VALUE_CLASS.TS_ZONED | VALUE_CLASS.TS_NANO;

function trieMasks(node: TrieNode, path: readonly (string | null)[] = [], masks: Masks = new Map()): Masks {
  masks.set(JSON.stringify(path), node.mask);
  for (const [key, child] of node.fields) trieMasks(child, [...path, key], masks);
  if (node.element !== undefined) trieMasks(node.element, [...path, null], masks);
  return masks;
}

/** With WebAssembly from that many bytes. */
function scan(text: Buffer, wasmFromBytes: number): JsonScan {
  const scanner = new JsonScanner({ maxDepth: MAX_DEPTH, maxPaths: 1_000_000, wasmFromBytes });
  scanner.feed(text);
  return scanner.finish();
}

function isBlank(line: Buffer): boolean {
  return /^[ \t\r]*$/.test(line.toString("latin1"));
}

/**
 * Scans that many random lines, each alone and all together. Throws an AssertionError that shows the line where the two disagree.
 * `wasmFromBytes` as in `JsonScanOptions`: 0 holds WebAssembly against JSON.parse, Infinity TypeScript.
 */
export function compareWithJsonParse(options: {
  readonly count: number;
  readonly seed: number;
  readonly wasmFromBytes: number;
}): void {
  const { count, seed, wasmFromBytes } = options;
  const random = seededRandom(seed);
  let accepted = 0;
  let joined = EMPTY_TRIE;
  const lines: Buffer[] = [];
  for (let i = 0; i < count; i++) {
    const line = randomLine(random);
    lines.push(line);
    const value = parsed(line);
    // Twice: what the first teaches, WebAssembly settles the second time.
    const scanned = scan(Buffer.concat([line, NEWLINE, line]), wasmFromBytes);
    const expected = isRecord(line, value);
    const shown = `${JSON.stringify(line.toString("latin1"))} of seed ${seed}`;
    assert.equal(scanned.records, isBlank(line) ? 0 : 2, shown);
    assert.equal(scanned.records - scanned.malformed.count, expected ? 2 : 0, shown);
    if (!expected) {
      assert.equal(scanned.trie, EMPTY_TRIE, shown);
      continue;
    }
    accepted += 1;
    joined = mergeTries(joined, scanned.trie);
    const masks = trieMasks(scanned.trie);
    // JSON.parse keeps only the last of equal keys.
    const hasDuplicate = [...masks.values()].some((mask) => (mask & VALUE_CLASS.DUP) !== 0);
    if (!hasDuplicate) assert.deepEqual(masks, naiveMasks(value), shown);
  }
  assert.ok(
    accepted > count / 4 && accepted < count * 0.9,
    `${accepted} accepted: the generator has gone stale`,
  );
  // One file of all the lines teaches what the lines teach one by one, whatever their order.
  const whole = scan(Buffer.concat(lines.toReversed().flatMap((line) => [NEWLINE, line])), wasmFromBytes);
  assert.deepEqual(trieMasks(whole.trie), trieMasks(joined));
}

if (import.meta.main) {
  const count = Number(process.argv[2] ?? 100_000);
  const seed = Number(process.argv[3] ?? 1);
  for (const wasmFromBytes of [0, Infinity]) compareWithJsonParse({ count, seed, wasmFromBytes });
}
