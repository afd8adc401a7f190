/** A first run that is refused leaves everything as it was; what the rules of exactly once need is kept. */
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { test, type TestContext } from "node:test";
import { arrive, lines } from "../support/arrivals.ts";
import { holdAt, idsOf } from "../support/hard-case.ts";
import { ingest, runLandfall } from "../support/run-landfall.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { contentOf } from "../support/tree-content.ts";

interface Place {
  readonly folder: string;
  readonly source: string;
  readonly table: string;
}

function place(t: TestContext, content = lines({ id: 1, name: "a" })): Place {
  const folder = temporaryFolder(t);
  const source = join(folder, "in");
  arrive(join(source, "a.json"), content);
  return { folder, source, table: join(folder, "tables/deep/t") };
}

function writeLog(table: string, actions: readonly object[]): void {
  mkdirSync(join(table, "_delta_log"), { recursive: true });
  const text = actions.map((action) => `${JSON.stringify(action)}\n`).join("");
  writeFileSync(join(table, "_delta_log/00000000000000000000.json"), text);
}

const UNKNOWN = ["timeTravelToTheFuture"];
const METADATA = {
  id: "0198f3f0-0000-7000-8000-000000000000",
  format: { provider: "parquet", options: {} },
  schemaString: '{"type":"struct","fields":[{"name":"id","type":"long","nullable":true,"metadata":{}}]}',
  partitionColumns: [],
  configuration: {},
  createdTime: 0,
};
const BROKEN = `${lines({ id: 1 })}{"id":\n`;

const REFUSALS: readonly {
  readonly what: string;
  readonly code: string;
  /** Lines of a declaration behind source and table. */
  readonly declared?: string;
  readonly content?: string;
  readonly before?: (place: Place) => void;
}[] = [
  {
    what: "a hint with an unknown type",
    code: "DECLARATION_INVALID",
    declared: "schema: { hints: id NOTHING }",
  },
  { what: "a rule over no column", code: "EXPECT_INVALID", declared: "expect: { known: nowhere > 1 }" },
  {
    what: "a rule with a function that no rule may have",
    code: "EXPECT_INVALID",
    declared: `expect: { known: "getenv('HOME') = id" }`,
  },
  {
    what: "a transform that is no SELECT",
    code: "TRANSFORM_INVALID",
    declared: "transform: DELETE FROM batch",
  },
  {
    what: "a missing source",
    code: "SOURCE_MISSING",
    before: ({ source }) => rmSync(source, { recursive: true }),
  },
  {
    what: "a broken record, with FAILFAST",
    code: "RECORD_BROKEN",
    content: BROKEN,
    declared: "json: { mode: FAILFAST }",
  },
  {
    what: "more rejects than may be",
    code: "TOO_MANY_REJECTED",
    content: BROKEN,
    declared: "limits: { maxRejected: 0 }",
  },
  { what: "a partition column that no file has", code: "TABLE_SCHEMA_CONFLICT", declared: "partitions" },
  {
    what: "a folder that holds other things",
    code: "TABLE_FOLDER_OCCUPIED",
    before({ table }) {
      mkdirSync(table, { recursive: true });
      writeFileSync(join(table, "notes.txt"), "mine");
    },
  },
  {
    what: "a table with a feature that is not known",
    code: "TABLE_FEATURE_UNSUPPORTED",
    before: ({ table }) =>
      writeLog(table, [
        {
          protocol: {
            minReaderVersion: 3,
            minWriterVersion: 7,
            readerFeatures: UNKNOWN,
            writerFeatures: UNKNOWN,
          },
        },
        { metaData: METADATA },
      ]),
  },
  {
    what: "a table that is partitioned in another way",
    code: "TABLE_SCHEMA_CONFLICT",
    declared: "partitions",
    before: ({ table }) =>
      writeLog(table, [{ protocol: { minReaderVersion: 1, minWriterVersion: 2 } }, { metaData: METADATA }]),
  },
  {
    what: "a damaged log",
    code: "TABLE_LOG_CORRUPT",
    before({ table }) {
      writeLog(table, [{ metaData: METADATA }]);
    },
  },
];

function declare({ folder, source, table }: Place, declared: string): string {
  const file = join(folder, "p.yaml");
  const partitions = declared === "partitions" ? ", partitionBy: [nowhere]" : "";
  const more = partitions === "" ? declared : "";
  writeFileSync(
    file,
    `source: { location: ${source} }\ntable: { location: ${table}${partitions} }\n${more}\n`,
  );
  return file;
}

for (const { what, code, declared = "", content, before } of REFUSALS) {
  test(`refused for ${what}: nothing is left behind`, async (t) => {
    const at = place(t, content);
    before?.(at);
    const file = declare(at, declared);
    const found = contentOf(at.folder);
    const { code: exit, stderr } = await runLandfall(["run", file, "--once"]);
    assert.match(stderr, new RegExp(`\\b${code}\\b`));
    assert.notEqual(exit, 0);
    assert.deepEqual(contentOf(at.folder), found);
  });
}

test("refused, put right, run again: the rows are there once", async (t) => {
  const at = place(t);
  const refused = await runLandfall(["run", declare(at, "expect: { known: nowhere > 1 }"), "--once"]);
  assert.notEqual(refused.code, 0);
  const run = await runLandfall(["run", declare(at, "expect: { known: id = 1 }"), "--once", "--json"]);
  assert.equal(run.code, 0, run.stderr);
  assert.equal((JSON.parse(run.stdout) as { rows: { written: number } }).rows.written, 1);
  assert.equal((await runLandfall(["verify", at.table])).code, 0);
});

test("an empty folder that its user made stays, and so does a pipeline that other files came to", async (t) => {
  const at = place(t);
  mkdirSync(at.table, { recursive: true });
  const found = contentOf(at.folder);
  const wrong = ["ingest", at.source, at.table, "--partition-by", "nowhere"];
  assert.notEqual((await runLandfall(wrong)).code, 0);
  assert.deepEqual(contentOf(at.folder), found);
  await ingest([at.source, at.table]);
  const standing = contentOf(at.table);
  assert.notEqual((await runLandfall(wrong)).code, 0);
  assert.deepEqual(new Set(contentOf(at.table).keys()), new Set(standing.keys()));
});

const isRoot = process.getuid?.() === 0;

test("refused for files that nobody may write: nothing is left behind", { skip: !isRoot }, async (t) => {
  const at = place(t);
  mkdirSync(at.table, { recursive: true });
  const found = contentOf(at.folder);
  for (const folder of [at.folder, at.source]) chmodSync(folder, 0o755);
  const { code, stderr } = await runLandfall(["ingest", at.source, at.table], { user: 65534 });
  assert.equal(code, 3, stderr);
  assert.deepEqual(contentOf(at.folder), found);
});

test("a run with nothing to read is none that was refused: the pipeline is known", async (t) => {
  const at = place(t);
  rmSync(join(at.source, "a.json"));
  const { pipeline } = await ingest([at.source, at.table]);
  assert.equal(existsSync(join(at.table, "_landfall", pipeline, "pipeline.json")), true);
  arrive(join(at.source, "a.json"), lines({ id: 1 }));
  assert.equal((await ingest([at.source, at.table])).rows.written, 1);
});

test("with the ledger elsewhere the id stays beside the table, since another host may have gone on with it", async (t) => {
  const at = place(t);
  const state = join(at.folder, "state");
  const { code } = await runLandfall([
    "ingest",
    at.source,
    at.table,
    "--state",
    state,
    "--partition-by",
    "nowhere",
  ]);
  assert.notEqual(code, 0);
  const names = [...contentOf(join(at.table, "_landfall")).keys()];
  assert.deepEqual(
    names.filter((name) => name.includes("/")).map((name) => name.replace(/^.*\//, "")),
    ["pipeline.json"],
  );
  assert.equal((await ingest([at.source, at.table])).rows.written, 1);
});

test("a ledger that was there before a refusal stays: it may know what the table has lost", async (t) => {
  const at = place(t);
  const state = join(at.folder, "state");
  await ingest([at.source, at.table, "--state", state]);
  rmSync(at.table, { recursive: true });
  const found = contentOf(state);
  const { stderr } = await runLandfall(["ingest", at.source, at.table, "--state", state]);
  assert.match(stderr, /TABLE_CHANGED_IDENTITY/);
  assert.deepEqual(new Set(contentOf(state).keys()), new Set(found.keys()));
  assert.equal(existsSync(at.table), false);
});

test("a first run that finds the pipeline begun by a host with a ledger elsewhere commits nothing", async (t) => {
  const at = place(t);
  const slow = await holdAt(t, {
    point: "stage.read:1",
    args: ["ingest", at.source, at.table],
    folder: at.folder,
  });
  const { pipeline } = await ingest([at.source, at.table, "--state", join(at.folder, "state")]);
  slow.release();
  const end = await slow.ended;
  assert.equal(end.code, 2, end.stderr);
  assert.match(
    end.stderr,
    /began the pipeline .* while this one read its first files; nothing was committed here/,
  );
  const again = await ingest([at.source, at.table]);
  assert.equal(again.rows.written, 0);
  assert.equal(again.pipeline, pipeline);
  assert.deepEqual(await idsOf(at.table), ["1"]);
});
