import { test } from "node:test";
import { compareScanners } from "./compare-scanners.ts";
import { compareWithJsonParse } from "./compare-with-json-parse.ts";

for (const [name, wasmFromBytes] of [
  ["TypeScript", Infinity],
  ["WebAssembly", 0],
] as const) {
  test(`20,000 lines: ${name} accepts what JSON.parse accepts, and classes every value alike`, () => {
    compareWithJsonParse({ count: 20_000, seed: 20_240_102, wasmFromBytes });
  });
}

test("20,000 lines: WebAssembly and TypeScript alone give the same scan, whatever the target, the limits and the cuts", () => {
  compareScanners({ count: 20_000, seed: 20_240_103 });
});
