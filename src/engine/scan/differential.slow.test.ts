/** The scanner against JSON.parse on more lines than `differential.test.ts` takes, from a seed of the day; LANDFALL_SEED repeats it. */
import { test } from "node:test";
import { compareScanners } from "./compare-scanners.ts";
import { compareWithJsonParse } from "./compare-with-json-parse.ts";

const seed = Number(process.env["LANDFALL_SEED"] ?? Date.now() % 1_000_000_007);

for (const wasmFromBytes of [0, Infinity]) {
  const name = wasmFromBytes === 0 ? "WebAssembly" : "TypeScript";
  test(`100,000 lines, seed ${seed}: ${name} accepts what JSON.parse accepts, and classes every value alike`, () => {
    compareWithJsonParse({ count: 100_000, seed, wasmFromBytes });
  });
}

test(`100,000 lines, seed ${seed}: WebAssembly and TypeScript alone give the same scan`, () => {
  compareScanners({ count: 100_000, seed });
});
