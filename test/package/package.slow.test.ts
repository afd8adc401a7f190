/** What is published: built, packed, installed into an empty folder as anybody would, and run from there. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { buildPackage } from "../../tools/build.ts";
import { avroFile } from "../support/avro-file.ts";
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

test("kills itself on purpose", () => {
  landfall(["prove", "--only", "lease"]);
});
