/**
 * The scanner with WebAssembly against the scanner in TypeScript alone: the same scan of the same bytes, in any chunks. For the
 * tests; by hand with more lines and another seed: `node src/engine/scan/compare-scanners.ts 100000 7`.
 */
import assert from "node:assert/strict";
import { nullableField, type DataType } from "../../schema/data-type.ts";
import { compileTarget, type TargetNode } from "../../schema/fit.ts";
import { inferSchema } from "../../schema/infer-schema.ts";
import { JsonScanner, type JsonScan, type JsonScanOptions } from "./json-scanner.ts";
import { RANDOM_KEYS, randomLine, randomRow, seededRandom, type Random } from "./random-lines.ts";

const TYPES: readonly DataType[] = [
  ..."string long integer short byte float double boolean date timestamp timestamp_ntz".split(" "),
  "decimal(5,2)",
  "decimal(38,10)",
  { type: "array", elementType: "long", containsNull: true },
] as readonly DataType[];

function pick<T>(random: Random, items: readonly T[]): T {
  return items[Math.floor(random() * items.length)]!;
}

/** Lines of one file: rows of one shape with values that vary, among them lines of any shape and broken ones. */
function fileOf(random: Random, count: number): Buffer {
  const share = pick(random, [0, 0.1, 0.5, 1]);
  const parts: Buffer[] = random() < 0.1 ? [Buffer.from("\ufeff")] : [];
  for (let i = 0; i < count; i++) {
    parts.push(random() < share ? randomLine(random) : randomRow(random));
    parts.push(Buffer.from(random() < 0.9 ? "\n" : pick(random, ["\r\n", "\n\n", " \n", "\n \n"])));
  }
  if (random() < 0.3) parts.push(randomLine(random));
  return Buffer.concat(parts);
}

/** None, or one of random types, or the one that the file itself would get: nearly everything fits. */
function targetFor(random: Random, file: Buffer): TargetNode | undefined {
  const kind = random();
  if (kind < 0.3) return undefined;
  if (kind < 0.5) return compileTarget({ schema: inferSchema({ trie: scanned(file, [], {}).trie }) });
  const keys = RANDOM_KEYS.filter(() => random() < 0.8);
  const fields = keys.map((key) => nullableField(key, pick(random, TYPES)));
  return compileTarget({ schema: { type: "struct", fields } });
}

function scanned(file: Buffer, cuts: readonly number[], options: JsonScanOptions): JsonScan {
  const scanner = new JsonScanner(options);
  const bounds = [0, ...cuts, file.length];
  for (const [i, bound] of bounds.slice(1).entries()) {
    const chunk = Buffer.from(file.subarray(bounds[i], bound));
    scanner.feed(chunk);
    // The caller may reuse its buffer.
    chunk.fill(0);
  }
  return scanner.finish();
}

/**
 * Scans that many random lines in files of up to 100, both ways. Throws an AssertionError that names the seed where the two
 * disagree.
 */
export function compareScanners(options: { readonly count: number; readonly seed: number }): void {
  const random = seededRandom(options.seed);
  let dirty = 0;
  let clean = 0;
  for (let done = 0; done < options.count;) {
    const count = 1 + Math.floor(random() * 100);
    done += count;
    const file = fileOf(random, count);
    const target = targetFor(random, file);
    const limits = {
      maxRecordBytes: pick(random, [16 * 1024 * 1024, 16 * 1024 * 1024, 100]),
      maxDepth: pick(random, [200, 5, 3]),
      maxPaths: pick(random, [10_000, 10_000, 20]),
      ...(target === undefined ? {} : { target }),
    };
    const cuts = Array.from({ length: Math.floor(random() * 6) }, () => Math.floor(random() * file.length));
    cuts.sort((a, b) => a - b);
    const wasmFromBytes = random() < 0.5 ? 0 : Math.floor(random() * file.length);
    const expected = scanned(file, cuts, { ...limits, wasmFromBytes: Infinity });
    const shown = `after ${done} lines of seed ${options.seed}`;
    assert.deepEqual(scanned(file, cuts, { ...limits, wasmFromBytes }), expected, shown);
    dirty += expected.dirty.count;
    clean += expected.records - expected.malformed.count - expected.dirty.count;
  }
  const least = options.count / 20;
  assert.ok(dirty > least && clean > least, `${dirty} dirty, ${clean} clean: the generator has gone stale`);
}

if (import.meta.main) {
  compareScanners({ count: Number(process.argv[2] ?? 100_000), seed: Number(process.argv[3] ?? 1) });
}
