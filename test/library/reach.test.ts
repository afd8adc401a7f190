/** What `import "landfall"` and `"landfall/delta"` reach: told everything by its caller, it prints nothing, ends no process and reads no environment. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { stripTypeScriptTypes } from "node:module";
import { test } from "node:test";
import { land } from "../support/small-pipeline.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const SRC = join(import.meta.dirname, "../../src");
const IMPORT = /(?:\bfrom|\bimport|\bimport\()\s*"(\.[^"]+)"/g;

/** The code of every module that this one loads, now or later, without types and comments. */
function reached(entry: string): Map<string, string> {
  const found = new Map<string, string>();
  const open = [entry];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (found.has(file)) continue;
    const code = stripTypeScriptTypes(readFileSync(file, "utf8")).replaceAll(
      /\/\*[^]*?\*\/|^\s*\/\/.*$/gm,
      "",
    );
    found.set(file, code);
    for (const [, path] of code.matchAll(IMPORT)) open.push(join(dirname(file), path!));
  }
  return found;
}

const FORBIDDEN: readonly { readonly what: RegExp; readonly because: string }[] = [
  { what: /(?<!#)\bprocess\.env\b|\benv\b.*from "node:process"/, because: "the environment is the caller's" },
  { what: /(?<!#)\bprocess\.(?:exit|exitCode|abort|chdir|umask)\b/, because: "the process is the caller's" },
  { what: /(?<!#)\bprocess\.(?:on|once|addListener|prependListener)\(/, because: "signals are the caller's" },
  { what: /\bconsole\.|(?<!#)\bprocess\.(?:stdout|stderr)\b/, because: "the terminal is the caller's" },
];

test("the library reaches nothing that reads the environment, prints, or ends the process", () => {
  for (const [entry, atLeast, foreign] of [
    ["index.ts", 100, /^cli\//],
    ["delta.ts", 40, /^(?:cli|declaration|ledger|sources|ingest|operate|open|library)\//],
  ] as const) {
    const modules = reached(join(SRC, entry));
    assert.ok(modules.size > atLeast, `the walk from ${entry} found the modules`);
    const names = [...modules.keys()].map((file) => relative(SRC, file));
    assert.deepEqual(
      names.filter((name) => foreign.test(name)),
      [],
    );
    for (const [file, code] of modules)
      for (const { what, because } of FORBIDDEN)
        assert.ok(!what.test(code), `${relative(SRC, file)}: ${String(what)}: ${because}`);
  }
  // The walk would see it: the command line does all of this.
  const program = [...reached(join(SRC, "cli/main.ts")).values()].join("\n");
  for (const { what } of FORBIDDEN) assert.match(program, what);
});

test("a program that uses it prints nothing of Landfall's, whatever fails, and ends by itself", (t) => {
  const folder = temporaryFolder(t);
  land(join(folder, "in"), { "a.json": '{"id":1}\n{broken\n', "b.json.gz": "no gzip" });
  writeFileSync(
    join(folder, "loud.ts"),
    'export const columns = "id BIGINT";\nexport default ({ columns: { id } }) => { console.log("x"); console.error("y"); return { id }; };\n',
  );
  const program = `import { openPipeline } from ${JSON.stringify(join(SRC, "index.ts"))};
const pipeline = await openPipeline({ source: { location: "in" }, table: { location: "table" }, transform: "loud.ts" });
const { rows } = await pipeline.run();
await pipeline.verify({ data: true });
await pipeline.query("SELECT no").catch(() => {});
await openPipeline({ source: { location: "in" }, table: { location: "table" } }).catch(() => {});
await pipeline.close();
process.stdout.write(String(rows.written));
`;
  writeFileSync(join(folder, "program.ts"), program);
  const run = spawnSync(process.execPath, ["program.ts"], {
    cwd: folder,
    encoding: "utf8",
    // Read by the command line only.
    env: {
      ...process.env,
      LANDFALL_FORMAT: "csv",
      LANDFALL_STATE: "/nowhere",
      LANDFALL_FAULT: "lease.taken:1",
    },
  });
  assert.deepEqual(
    { out: run.stdout, errors: run.stderr, status: run.status },
    { out: "1", errors: "", status: 0 },
  );
});

test("a pipeline that was left open keeps no program alive, and is taken over by the next one", (t) => {
  const folder = temporaryFolder(t);
  land(join(folder, "in"), { "a.json": '{"id":1}\n' });
  const program = `import { openPipeline } from ${JSON.stringify(join(SRC, "index.ts"))};
const pipeline = await openPipeline({ source: { location: "in" }, table: { location: "table" } });
if (process.argv[2] === "run") process.stdout.write(String((await pipeline.run()).rows.written));
`;
  writeFileSync(join(folder, "program.ts"), program);
  for (const [argument, printed] of [
    ["open", ""],
    ["run", "1"],
    ["run", "0"],
  ] as const) {
    const run = spawnSync(process.execPath, ["program.ts", argument], { cwd: folder, encoding: "utf8" });
    assert.deepEqual([run.stdout, run.stderr, run.status], [printed, "", 0]);
  }
});

test("a table that was left open keeps no program alive, and prints nothing", (t) => {
  const folder = temporaryFolder(t);
  land(join(folder, "in"), { "a.json": '{"id":1}\n' });
  const program = `import { openPipeline } from ${JSON.stringify(join(SRC, "index.ts"))};
import { openTable } from ${JSON.stringify(join(SRC, "delta.ts"))};
await using pipeline = await openPipeline({ source: { location: "in" }, table: { location: "table" } });
await pipeline.run();
const table = openTable("table");
await table.snapshot({ version: 7 }).catch(() => {});
process.stdout.write(String((await table.snapshot()).version));
`;
  writeFileSync(join(folder, "program.ts"), program);
  // What it leaves behind is where temporary files go.
  const env = { ...process.env, TMPDIR: folder };
  const run = spawnSync(process.execPath, ["program.ts"], { cwd: folder, encoding: "utf8", env });
  assert.deepEqual([run.stdout, run.stderr, run.status], ["0", "", 0]);
});
