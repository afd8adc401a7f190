import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { withoutSecrets } from "./redact.ts";

test("takes keys out of URLs and keeps the rest", () => {
  assert.equal(
    withoutSecrets("list s3://AKIA1:se+cr@et@b/raw: refused"),
    "list s3://REDACTED@b/raw: refused",
  );
  assert.equal(withoutSecrets("at https://me:pass@host:8080/a?b=1"), "at https://REDACTED@host:8080/a?b=1");
});

test("takes signatures and tokens out of queries", () => {
  const url =
    "https://b.s3.amazonaws.com/k?X-Amz-Credential=AKIA%2F1&X-Amz-Expires=60&X-Amz-Signature=abcdef0123";
  assert.equal(
    withoutSecrets(`get "${url}" failed`),
    'get "https://b.s3.amazonaws.com/k?X-Amz-Credential=REDACTED&X-Amz-Expires=60&X-Amz-Signature=REDACTED" failed',
  );
  assert.equal(withoutSecrets("/a?sig=x%3D&sv=2"), "/a?sig=REDACTED&sv=2");
});

test("takes tokens out of headers", () => {
  assert.equal(withoutSecrets("Authorization: Bearer eyJhbGciOi.J9"), "Authorization: Bearer REDACTED");
});

test("leaves text without any as it is", () => {
  for (const text of ["/data/in/a@b.json", "batch 3: 5 files", "a basic rule", "what?really=so", ""])
    assert.equal(withoutSecrets(text), text);
});

test("never shows a password, whatever stands around it, and a second pass changes nothing", () => {
  const word = fc.stringMatching(/^[a-z0-9]{1,8}$/);
  fc.assert(
    fc.property(fc.string(), word, word, fc.string(), (before, user, host, after) => {
      const password = `hunter2${host}`;
      const text = withoutSecrets(`${before} https://${user}:${password}@${host}/ ${after}`);
      assert.ok(!text.includes(password));
      assert.equal(withoutSecrets(text), text);
    }),
  );
});
