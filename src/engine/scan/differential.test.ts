import { test } from "node:test";
import { compareWithJsonParse } from "./compare-with-json-parse.ts";

test("20,000 lines: the scanner accepts what JSON.parse accepts, and classes every value alike", () => {
  compareWithJsonParse({ count: 20_000, seed: 20_240_102 });
});
