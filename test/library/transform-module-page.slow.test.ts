/** The module of docs/reference/transform-module.md compiles with the types that are published. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { publicTypesFile } from "../../tools/public-types.ts";
import { typeMistakes } from "../support/library-consumer.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const DOCS = join(import.meta.dirname, "../../docs");

test("the transform module of its page compiles with the types that it imports", (t) => {
  const folder = temporaryFolder(t);
  const page = readFileSync(join(DOCS, "reference/transform-module.md"), "utf8");
  const module = /^```ts\n([^]*?)^```$/m.exec(page)![1]!;
  mkdirSync(join(folder, "node_modules/landfall"), { recursive: true });
  writeFileSync(
    join(folder, "node_modules/landfall/package.json"),
    '{"name":"landfall","type":"module","exports":{".":{"types":"./index.d.ts"}}}',
  );
  writeFileSync(join(folder, "node_modules/landfall/index.d.ts"), publicTypesFile("index"));
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  writeFileSync(join(folder, "flatten.ts"), module);
  assert.equal(typeMistakes(folder, { withNode: false }), "");
  writeFileSync(
    join(folder, "wrong.ts"),
    'import type { Transform } from "landfall";\nexport const wrong: Transform = () => 1;\n',
  );
  assert.match(typeMistakes(folder, { withNode: false }), /wrong\.ts.*error TS2322/);
});
