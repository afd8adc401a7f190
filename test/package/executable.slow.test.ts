/** Landfall as one file that needs no Node: built, and run where nothing else of it is. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { buildExecutable, nodeThatBuilds } from "../../tools/executable/build.ts";
import { avroFile } from "../support/avro-file.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const folder = temporaryFolder({ after });
const program = join(folder, "landfall");
const node = nodeThatBuilds();

/** No Node, no module and no setting of this machine is in sight. */
const env = (cache = "cache"): Record<string, string> => ({
  PATH: "/nowhere",
  LANDFALL_CACHE: join(folder, cache),
});

/** What it printed on both; the exit code must be the one that is expected. */
function landfall(args: readonly string[], expected = 0, cache = "cache"): string {
  const run = spawnSync(program, args, { cwd: folder, encoding: "utf8", env: env(cache) });
  assert.equal(run.status, expected, `landfall ${args.join(" ")}\n${run.stdout}${run.stderr}`);
  return run.stdout + run.stderr;
}

function written(name: string, content: string | Buffer): void {
  mkdirSync(join(folder, name, ".."), { recursive: true });
  writeFileSync(join(folder, name), content);
}

describe("the executable", { skip: node === undefined && "no Node 26 could be had here" }, () => {
  before(() => buildExecutable({ node: node!, file: program }));

  test("knows its version, also when two start for the first time at once", async () => {
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8")) as {
      version: string;
    };
    const both = [1, 2].map(() =>
      spawn(program, ["--version"], { env: env(), stdio: ["ignore", "pipe", "inherit"] }),
    );
    const ends = await Promise.all(
      both.map(async (child) => [
        String((await once(child.stdout, "data"))[0]).trim(),
        ...(await once(child, "exit")),
      ]),
    );
    assert.deepEqual(ends, [
      [version, 0, null],
      [version, 0, null],
    ]);
    assert.equal(readdirSync(join(folder, "cache")).length, 1);
  });

  test("takes files of every kind of reader in, once", () => {
    written("lines/a.json", '{"id":1}\n{"id":2}\n');
    assert.match(landfall(["ingest", "lines", "lines-table"]), /rows {3}2 written/);
    assert.match(landfall(["ingest", "lines", "lines-table"]), /[Nn]othing new/);
    landfall(["verify", "lines-table", "--data"]);
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

  test("runs a module of the user's, within its memory", () => {
    written("module/in/a.json", '{"id":1}\n');
    const module = (body: string): string =>
      `export const columns = "id BIGINT";\nexport default ({ columns: { id } }) => { ${body} };\n`;
    written("module/double.ts", module("return { id: id.map((one: bigint) => one * 2n) }"));
    written("module/greedy.ts", module("for (const all = []; ; ) all.push(new Array(1e6).fill({}))"));
    const declaration = (name: string): string =>
      `source: { location: in }\ntransform: ${name}.ts\ntable: { location: ${name} }\nlimits: { transformMemory: 100m }\n`;
    written("module/double.yaml", declaration("double"));
    written("module/greedy.yaml", declaration("greedy"));
    landfall(["run", "module/double.yaml"]);
    assert.match(landfall(["table", "query", "module/double", "SELECT id FROM t"]), /2/);
    assert.match(landfall(["run", "module/greedy.yaml"], 1), /more memory than 100 MB/);
  });

  test("kills itself on purpose", () => {
    landfall(["prove", "--only", "lease"]);
  });

  test("runs nothing from a folder that others may write to", () => {
    landfall(["--version"], 0, "open");
    chmodSync(join(folder, "open", readdirSync(join(folder, "open"))[0]!), 0o777);
    assert.match(landfall(["--version"], 2, "open"), /others may write to it/);
  });

  test("says where its files would go when they cannot", () => {
    written("a-file", "");
    assert.match(landfall(["--version"], 3, "a-file"), /Set LANDFALL_CACHE/);
  });
});
