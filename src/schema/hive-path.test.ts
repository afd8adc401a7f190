import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { hiveValues } from "./hive-path.ts";

function valuesOf(path: string | Buffer): Record<string, string | null | undefined> {
  return Object.fromEntries(hiveValues(Buffer.from(path)));
}

test("folders of key=value count, the innermost last, escapes undone; the file's name does not", () => {
  assert.deepEqual(valuesOf("/in/year=2024/city=S%C3%A3o%2FPaulo/a=b=c/x=1.json"), {
    year: "2024",
    city: "São/Paulo",
    a: "b=c",
  });
  assert.deepEqual(valuesOf("/k=1/in/k=2/f"), { k: "2" });
});

test("Hive's null and an empty value are null, a folder without a key is none, an escape of nothing stays", () => {
  assert.deepEqual(valuesOf("a=__HIVE_DEFAULT_PARTITION__/b=/=c/d/e=100%/f=%zz/x"), {
    a: null,
    b: null,
    e: "100%",
    f: "%zz",
  });
});

test("a value that is no UTF-8, as it stands or once unescaped, is undefined", () => {
  const raw = Buffer.concat([Buffer.from("a="), Buffer.from([0xff]), Buffer.from("/b=%FF/x")]);
  assert.deepEqual(
    [...hiveValues(raw)],
    [
      ["a", undefined],
      ["b", undefined],
    ],
  );
});

test("what is escaped as Hive escapes it is read back, whatever the text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", minLength: 1 }), (text) => {
      const escaped = [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
      assert.equal(hiveValues(Buffer.from(`k=${escaped}/f`)).get("k"), text);
    }),
  );
});
