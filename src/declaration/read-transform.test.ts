import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { readDeclaration } from "./read-declaration.ts";
import { readOptions } from "./read-options.ts";

const HEAD = "source: { location: ./in }\ntable: { location: out }\n";

function read(baseFolder: string, transform: string) {
  return readDeclaration({ text: `${HEAD}transform: ${transform}\n`, file: "p.yaml", baseFolder });
}

test("SQL is taken as it stands, a file of it is read, and a module is named", (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, "sql"));
  writeFileSync(join(folder, "sql/Flatten.SQL"), "SELECT 1 AS é -- häufig\n");
  for (const name of ["m.ts", "m.mts", "m.js", "m.mjs"]) writeFileSync(join(folder, name), "");
  const cases: readonly (readonly [string, object])[] = [
    ["SELECT id FROM batch", { kind: "sql", name: "transform", sql: "SELECT id FROM batch" }],
    [
      "|\n  SELECT id FROM batch\n  -- was flatten.sql",
      { kind: "sql", name: "transform", sql: "SELECT id FROM batch\n-- was flatten.sql\n" },
    ],
    ["\"SELECT * FROM 'x.ts'\"", { kind: "sql", name: "transform", sql: "SELECT * FROM 'x.ts'" }],
    ["SELECT a.sql", { kind: "sql", name: "transform", sql: "SELECT a.sql" }],
    ["sql/Flatten.SQL", { kind: "sql", name: "Flatten.SQL", sql: "SELECT 1 AS é -- häufig\n" }],
    ["./sql/../m.ts", { kind: "module", name: "m.ts", path: `${folder}/sql/../m.ts` }],
    ["m.mts", { kind: "module", name: "m.mts", path: join(folder, "m.mts") }],
    [join(folder, "m.js"), { kind: "module", name: "m.js", path: join(folder, "m.js") }],
    ["m.mjs", { kind: "module", name: "m.mjs", path: join(folder, "m.mjs") }],
  ];
  for (const [written, expected] of cases) {
    const { pipeline, problems } = read(folder, written);
    assert.deepEqual(pipeline?.transform, expected, `${written}: ${JSON.stringify(problems)}`);
  }
});

test("what cannot be read is a mistake with line, column and a way out, beside all others", (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, "folder.sql"));
  writeFileSync(join(folder, "latin.sql"), Buffer.from([0x2d, 0x2d, 0xe9]));
  writeFileSync(join(folder, "huge.sql"), "-- x\n".repeat(300_000));
  for (const [written, words] of [
    ["gone.sql", /names gone\.sql, which is not there/],
    ["gone.ts", /names gone\.ts, which is not there/],
    ["folder.sql", /which is no file/],
    ["latin.sql", /which is no text in UTF-8/],
    ["huge.sql", /which has 1\.\d+ M.*; the most is/],
  ] as const) {
    const { problems } = read(folder, `${written}\nlimits: { maxDepth: x }`);
    const [first, second] = problems ?? [];
    assert.deepEqual(first?.at, { line: 3, column: 12, length: written.length }, written);
    assert.match(first.message, words, written);
    assert.ok((first.hint ?? "").length > 0);
    assert.match(second?.message ?? "", /limits\.maxDepth/);
  }
  const { problems } = read(folder, '" "');
  assert.match(problems?.[0]?.message ?? "", /must be a SELECT, or the path/);
});

test("a flag stands over the file, and its mistake names it", (t) => {
  const folder = temporaryFolder(t);
  const options = { source: "in", table: "out", baseFolder: folder };
  const flag = (text: string) => [{ key: "transform", text, from: "--transform" }];
  const { pipeline } = readOptions({ ...options, overrides: flag("SELECT 1 AS x") });
  assert.equal(pipeline?.transform?.kind, "sql");
  const { problems } = readOptions({ ...options, overrides: flag("x.sql") });
  assert.deepEqual(problems?.[0]?.at, { option: "--transform" });
});
