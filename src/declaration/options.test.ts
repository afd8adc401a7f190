import assert from "node:assert/strict";
import { test } from "node:test";
import { declarationJsonSchema, declarationOptions, declarationSections, optionValue } from "./options.ts";

test("every option has a kind and a meaning, and every section", () => {
  for (const option of declarationOptions()) {
    assert.ok(option.kind, option.key);
    assert.ok(option.description.endsWith("."), option.key);
  }
  for (const section of declarationSections()) {
    assert.equal(section.description === "", section.key === "", section.key);
  }
});

test("flags and variables are unique, and only the locations and the rules have none", () => {
  const options = declarationOptions();
  const flags = options.flatMap((option) => option.flag ?? []);
  assert.equal(new Set(flags).size, flags.length);
  assert.deepEqual(
    options.filter((option) => option.flag === undefined).map((option) => option.key),
    ["source.location", "expect", "table.location"],
  );
  const overwrite = options.find((option) => option.key === "source.onOverwrite");
  assert.equal(overwrite?.flag, "--on-overwrite");
  assert.equal(overwrite.env, "LANDFALL_ON_OVERWRITE");
  assert.equal(overwrite.default, "ignore");
});

test("a format's option says its format once in its flag and variable", () => {
  const named = (key: string): unknown[] => {
    const found = declarationOptions().find((option) => option.key === key);
    return [found?.flag, found?.env];
  };
  assert.deepEqual(named("json.jsonPath"), ["--json-path", "LANDFALL_JSON_PATH"]);
  assert.deepEqual(named("csv.sep"), ["--csv-sep", "LANDFALL_CSV_SEP"]);
  for (const { flag } of declarationOptions()) assert.doesNotMatch(flag ?? "", /\b(\w+)-\1\b/);
});

test("only the two locations are required", () => {
  const required = declarationOptions().filter((option) => option.required);
  assert.deepEqual(
    required.map((option) => option.key),
    ["source.location", "table.location"],
  );
});

test("the JSON Schema refuses unknown keys, requires the sections of the locations and carries no words of ours", () => {
  const schema = declarationJsonSchema();
  assert.deepEqual(schema["required"], ["source", "table"]);
  assert.equal(schema["additionalProperties"], false);
  assert.equal(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
  assert.doesNotMatch(JSON.stringify(schema), /"kind"/);
});

test("a flag's text becomes the value of its kind, or stays text for the check to refuse", () => {
  assert.equal(optionValue({ kind: "boolean", text: "true" }), true);
  assert.equal(optionValue({ kind: "boolean", text: "yes" }), "yes");
  assert.equal(optionValue({ kind: "count", text: "12" }), 12);
  assert.equal(optionValue({ kind: "count", text: "1e3" }), "1e3");
  assert.deepEqual(optionValue({ kind: "list", text: "a, b" }), ["a", "b"]);
  assert.deepEqual(optionValue({ kind: "map", text: "a=1,b=x=y" }), { a: "1", b: "x=y" });
  assert.equal(optionValue({ kind: "map", text: "a" }), "a");
  assert.equal(optionValue({ kind: "size", text: "10g" }), "10g");
});
