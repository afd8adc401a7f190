/** The programs of docs/guide/library.md and the module of docs/reference/transform-module.md compile, run as typed, and print what the page says. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { publicTypesFile } from "../../tools/public-types.ts";
import { linkLandfall, typeMistakes } from "../support/library-consumer.ts";
import { land } from "../support/small-pipeline.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const DOCS = join(import.meta.dirname, "../../docs");
const GUIDE = readFileSync(join(DOCS, "guide/library.md"), "utf8");
const PROGRAMS = [...GUIDE.matchAll(/^```ts\n([^]*?)^```\n\n```text\n([^]*?)^```$/gm)].map(
  ([, code, output]) => ({
    code: code!,
    output: output!,
  }),
);

test("every program of the guide compiles, runs and prints what stands below it", (t) => {
  const folder = temporaryFolder(t);
  assert.equal(PROGRAMS.length, GUIDE.match(/^```ts$/gm)!.length, "each has its output");
  linkLandfall(folder);
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  // The types as they are published; what runs are the sources.
  writeFileSync(join(folder, "node_modules/landfall/index.d.ts"), publicTypesFile());
  for (const [i, { code }] of PROGRAMS.entries()) writeFileSync(join(folder, `program-${i}.ts`), code);
  assert.equal(typeMistakes(folder, { withNode: true }), "");
  land(join(folder, "arrivals"), { "a.json": '{"id":1}\n{"id":2}\n', "b.json": '{"id":3}\n{"id":' });
  for (const [i, { code, output }] of PROGRAMS.entries()) {
    const run = spawnSync(process.execPath, [`program-${i}.ts`], { cwd: folder, encoding: "utf8" });
    assert.deepEqual({ printed: run.stdout, errors: run.stderr }, { printed: output, errors: "" }, code);
    assert.equal(run.status, 0);
  }
});

test("the transform module of its page compiles with the types that it imports", (t) => {
  const folder = temporaryFolder(t);
  const page = readFileSync(join(DOCS, "reference/transform-module.md"), "utf8");
  const module = /^```ts\n([^]*?)^```$/m.exec(page)![1]!;
  mkdirSync(join(folder, "node_modules/landfall"), { recursive: true });
  writeFileSync(
    join(folder, "node_modules/landfall/package.json"),
    '{"name":"landfall","type":"module","exports":{".":{"types":"./index.d.ts"}}}',
  );
  writeFileSync(join(folder, "node_modules/landfall/index.d.ts"), publicTypesFile());
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  writeFileSync(join(folder, "flatten.ts"), module);
  assert.equal(typeMistakes(folder, { withNode: false }), "");
  writeFileSync(
    join(folder, "wrong.ts"),
    'import type { Transform } from "landfall";\nexport const wrong: Transform = () => 1;\n',
  );
  assert.match(typeMistakes(folder, { withNode: false }), /wrong\.ts.*error TS2322/);
});
