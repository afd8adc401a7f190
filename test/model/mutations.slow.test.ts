/** The flow broken on purpose: an exhaustive check that misses one of these proves nothing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkAside } from "./check-aside.ts";
import { MUTATIONS } from "./mutations.ts";

for (const mutation of MUTATIONS) {
  test(`broken on purpose: ${mutation.name}, and the check sees it`, async () => {
    const { violation } = await checkAside({ scenario: mutation.caughtBy, mutation: mutation.name });
    assert.match(violation?.what ?? "holds", /I[1-8]: |stops with/);
  });
}
