import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { isLandfallError } from "../base/landfall-error.ts";
import { pipelineFromFile } from "./pipeline-from-file.ts";
import { pipelineFromFlags } from "./pipeline-from-flags.ts";

const SCHEMA = '{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}';

test("avro.avroSchema is a schema, or a file relative to the declaration that holds it", (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, "schemas"));
  writeFileSync(join(folder, "schemas/r.avsc"), SCHEMA);
  const file = join(folder, "p.yaml");
  for (const said of ["schemas/r.avsc", `'${SCHEMA}'`]) {
    writeFileSync(
      file,
      `source: { location: in, format: avro }\ntable: { location: t }\navro:\n  avroSchema: ${said}\n`,
    );
    assert.equal(pipelineFromFile(file, []).formats.avro.avroSchema, SCHEMA);
  }
  const flag = { key: "avro.avroSchema", text: join(folder, "schemas/r.avsc"), from: "--avro-schema" };
  assert.equal(pipelineFromFlags("in", "t", [flag]).formats.avro.avroSchema, SCHEMA);
});

test("avro.avroSchema that names no file is a fault of the declaration", () => {
  const flag = { key: "avro.avroSchema", text: "/nowhere/x.avsc", from: "--avro-schema" };
  assert.throws(
    () => pipelineFromFlags("in", "t", [flag]),
    (error) => isLandfallError(error, "DECLARATION_INVALID") && /\/nowhere\/x\.avsc/.test(error.message),
  );
});

test("a declaration that is none is told in words, a folder with the commands that take one", (t) => {
  const folder = temporaryFolder(t);
  const told = (file: string, message: RegExp, hint: RegExp): void =>
    assert.throws(
      () => pipelineFromFile(file, []),
      (error) =>
        isLandfallError(error, "DECLARATION_MISSING") &&
        message.test(error.message) &&
        hint.test(error.hint ?? ""),
    );
  told(folder, /is a folder; a declaration is a file/, /landfall init .*landfall ingest /);
  told(join(folder, "none.yaml"), /^There is no declaration .*none\.yaml\.$/, /Check the path/);
});
