/** What is published: built, packed, installed into an empty folder as anybody would, and run from there. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { buildPackage } from "../../tools/build.ts";
import { avroFile } from "../support/avro-file.ts";
import { typeMistakes } from "../support/library-consumer.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const ROOT = join(import.meta.dirname, "../..");

const folder = temporaryFolder({ after });
before(async () => {
  await buildPackage(join(folder, "built"));
  npm(join(folder, "built"), "pack", "--silent", "--ignore-scripts", "--pack-destination", folder);
  mkdirSync(join(folder, "home"));
  writeFileSync(join(folder, "home/package.json"), "{}");
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
  npm(join(folder, "home"), "install", "--no-audit", "--no-fund", join(folder, `landfall-${version}.tgz`));
});

function npm(cwd: string, ...args: readonly string[]): void {
  execFileSync("npm", args, { cwd, stdio: ["ignore", "ignore", "inherit"] });
}

/** What it printed; the exit code must be the one that is expected. */
function landfall(args: readonly string[], expected = 0): string {
  const program = join(folder, "home/node_modules/.bin/landfall");
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: folder, encoding: "utf8" });
  assert.equal(status, expected, `landfall ${args.join(" ")}\n${stdout}${stderr}`);
  return stdout;
}

function written(name: string, content: string | Buffer): string {
  mkdirSync(join(folder, name, ".."), { recursive: true });
  writeFileSync(join(folder, name), content);
  return name;
}

test("needs no script to be installed", () => {
  const lock = readFileSync(join(folder, "home/package-lock.json"), "utf8");
  assert.ok(lock.includes("node_modules/landfall"));
  assert.ok(!lock.includes("hasInstallScript"));
});

test("knows its version", () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
  assert.equal(landfall(["--version"]).trim(), version);
});

test("takes files in once, and shows what became of them", () => {
  written("lines/a.json", '{"id":1}\n{"id":2}\n');
  assert.match(landfall(["ingest", "lines", "lines-table"]), /rows {3}2 written/);
  assert.match(landfall(["ingest", "lines", "lines-table"]), /[Nn]othing new/);
  assert.match(landfall(["status", "lines-table"]), /committed/);
  landfall(["verify", "lines-table", "--data"]);
});

test("reads the formats whose libraries are not bundled, or loaded late", () => {
  const schema = { type: "record", name: "R", fields: [{ name: "id", type: "long" }] } as const;
  written("avro/a.avro", avroFile(schema as never, { rows: [[{ id: 1n }]] }));
  landfall(["ingest", "avro", "avro-table", "--format", "avro"]);
  const xsd =
    '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="r"><xs:complexType><xs:sequence><xs:element name="id" type="xs:int"/></xs:sequence></xs:complexType></xs:element></xs:schema>';
  written("r.xsd", xsd);
  written("xml/a.xml", "<all><r><id>1</id></r><r><id>x</id></r></all>");
  const flags = ["--format", "xml", "--xml-row-tag", "r", "--xml-row-validation-xsd-path", "r.xsd"];
  landfall(["ingest", "xml", "xml-table", ...flags], 1);
});

test("runs a module of the user's in a process of its own", () => {
  written("module/in/a.json", '{"id":1}\n');
  const module = `export const columns = "id BIGINT";
export default ({ columns: { id } }) => ({ id: id.map((one: bigint) => one * 2n) });
`;
  written("module/double.ts", module);
  written(
    "module/pipeline.yaml",
    "source: { location: in }\ntransform: double.ts\ntable: { location: table }\n",
  );
  landfall(["run", "module/pipeline.yaml"]);
  assert.match(landfall(["table", "query", "module/table", "SELECT id FROM t"]), /2/);
});

const PROGRAM = `import { LandfallError, openPipeline, openTable, query, type Declaration, type RunDocument } from "landfall";

const declaration: Declaration = { source: { location: "../lines" }, table: { location: "by-library" } };
await using pipeline = await openPipeline(declaration);
const told: string[] = [];
const reading = (async () => {
  for await (const event of pipeline.events) if (event.type === "batch.committed") told.push(\`version \${event.version}\`);
})();
const run: RunDocument = await pipeline.run();
const { verdict } = await pipeline.verify({ data: true });
const held = await openPipeline(declaration).catch((error: unknown) => (error instanceof LandfallError ? error.code : "?"));
await pipeline.close();
await reading;
const { rows } = await query("by-library", "SELECT sum(id) AS ids FROM t");
await using table = openTable("by-library");
const { files } = await table.files();
console.log(JSON.stringify([run.rows.written, verdict, held, told, rows, files.map(({ key }) => key)]));
`;
const PRINTED = '[2,"proved","PIPELINE_HELD",["version 0"],[["3"]],["a.json"]]\n';

test("another program imports it, by its types alone and strictly, and it prints nothing of its own", () => {
  written("lines/a.json", '{"id":1}\n{"id":2}\n');
  const home = join(folder, "home");
  written("home/package.json", '{"type":"module","dependencies":{"landfall":"*"}}');
  written("home/program.ts", PROGRAM);
  assert.equal(typeMistakes(home, { withNode: true }), "");
  const run = spawnSync(process.execPath, ["program.ts"], { cwd: home, encoding: "utf8" });
  assert.deepEqual([run.stdout, run.stderr, run.status], [PRINTED, "", 0]);
});

const DELTA_PROGRAM = `import { openTable, type TableSnapshot } from "landfall/delta";

await using table = openTable("../lines-table");
const snapshot: TableSnapshot = await table.snapshot();
const history = await table.history();
console.log(JSON.stringify([snapshot.version, snapshot.schema.fields.map(({ name }) => name), history.map(({ rowsAdded }) => rowsAdded)]));
`;

test("another program reads a Delta table by landfall/delta", () => {
  written("lines/a.json", '{"id":1}\n{"id":2}\n');
  landfall(["ingest", "lines", "lines-table"]);
  const home = join(folder, "home");
  written("home/package.json", '{"type":"module","dependencies":{"landfall":"*"}}');
  written("home/delta.ts", DELTA_PROGRAM);
  assert.equal(typeMistakes(home, { withNode: true }), "");
  const run = spawnSync(process.execPath, ["delta.ts"], { cwd: home, encoding: "utf8" });
  assert.deepEqual([run.stdout, run.stderr, run.status], ['[0,["id","_rescued_data"],[2]]\n', "", 0]);
});

test("its types need no other package's", () => {
  for (const name of ["index.d.ts", "delta.d.ts"]) {
    const types = readFileSync(join(folder, "home/node_modules/landfall/dist", name), "utf8");
    assert.doesNotMatch(types, /\bfrom "|\bimport\(|\brequire\(/);
    written(`plain/node_modules/landfall/dist/${name}`, types);
  }
  written("plain/package.json", "{}");
  written("plain/node_modules/landfall/package.json", readFileSync(join(ROOT, "package.json")));
  written(
    "plain/types.ts",
    `import type { PipelineHandle } from "landfall";
import type { TableSnapshot } from "landfall/delta";
export const name = (p: PipelineHandle): string => p.name;
export const version = (s: TableSnapshot): number => s.version;
`,
  );
  assert.equal(typeMistakes(join(folder, "plain"), { withNode: false }), "");
});

test("runs on the next Node, too", (t) => {
  const asked = ["-y", "node@26", "-p", "process.execPath"];
  // Without the settings of the npm that may have started this test: it is to be had as anybody would.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
  const found = spawnSync("npx", asked, { cwd: folder, encoding: "utf8", env });
  if (found.status !== 0) return t.skip("no Node 26 could be had here");
  const node = found.stdout.trim();
  const home = join(folder, "home");
  written("home/program.ts", PROGRAM.replaceAll("by-library", "by-next-node"));
  const run = spawnSync(node, ["program.ts"], { cwd: home, encoding: "utf8" });
  assert.deepEqual([run.stdout, run.stderr, run.status], [PRINTED, "", 0]);
  const program = join(home, "node_modules/landfall/bin/landfall.js");
  const ingest = spawnSync(node, [program, "ingest", "../lines", "by-command"], {
    cwd: home,
    encoding: "utf8",
  });
  assert.match(ingest.stdout, /rows {3}2 written/, ingest.stderr);
});

test("kills itself on purpose", () => {
  landfall(["prove", "--only", "lease"]);
});
