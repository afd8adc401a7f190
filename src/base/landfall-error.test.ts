import assert from "node:assert/strict";
import { test } from "node:test";
import { ERROR_CODES, type ErrorCode } from "./error-codes.ts";
import { ERROR_REMEDIES } from "./error-remedies.ts";
import { LandfallError } from "./landfall-error.ts";

test("every error says what to do next: its own hint, else what helps with its code", () => {
  for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
    assert.equal(new LandfallError(code, { message: "It failed." }).hint, ERROR_REMEDIES[code]);
    assert.match(ERROR_REMEDIES[code], /^[A-Z`].+\.$/);
  }
  assert.equal(new LandfallError("USAGE", { message: "It failed.", hint: "Do this." }).hint, "Do this.");
});
