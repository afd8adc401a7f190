import assert from "node:assert/strict";
import { test } from "node:test";
import { isLandfallError } from "../../base/landfall-error.ts";
import { readDeclaration } from "../../declaration/read-declaration.ts";
import { declaredScratch } from "./declared-scratch.ts";
import type { ScratchPipelines } from "./scratch-pipelines.ts";
import { scratchFile } from "./scratch-data.ts";
import { seededRandom } from "./seeded-random.ts";

function scratchOf(text: string): ScratchPipelines {
  const { pipeline, problems } = readDeclaration({ text, file: "p.yaml", baseFolder: "/base" });
  assert.ok(pipeline, JSON.stringify(problems));
  return declaredScratch({ pipeline, text });
}

function linesOf({ data }: ScratchPipelines): readonly string[] {
  return scratchFile(data, seededRandom(1), { name: "f", broken: false }).toString().trimEnd().split("\n");
}

const recordsOf = (pipelines: ScratchPipelines): readonly Record<string, unknown>[] =>
  linesOf(pipelines).map((line) => JSON.parse(line) as Record<string, unknown>);

test("nothing of a scratch pipeline goes where a person's files go", () => {
  const copyOf = (text: string): Record<string, unknown> =>
    JSON.parse(scratchOf(text).declaration("ignore")) as Record<string, unknown>;
  const moved = copyOf(
    "source: { location: in, format: json }\ntable: { location: t }\narchive: { to: /mine }\nquarantine: { to: /bad }\n",
  );
  assert.deepEqual([moved["archive"], moved["quarantine"]], [undefined, undefined]);
  const cleaned = copyOf(
    'source: { location: in, format: json, cleanSource: MOVE, "cleanSource.moveDestination": /mine }\ntable: { location: t }\n',
  );
  assert.deepEqual(cleaned["source"], { location: "in", format: "json" });
});

test("the copy keeps schema, partitions, properties and limits, and has places, batches and checkpoints of its own", () => {
  const pipelines = scratchOf(`
pipeline: mine
source: { location: /data/in, format: json, onOverwrite: append, pathGlobFilter: "*.json" }
schema: { hints: "at TIMESTAMP", timeZone: Europe/Zurich, rescuedDataColumn: rest }
table:
  location: /data/table
  partitionBy: [region]
  properties: { delta.appendOnly: "true", delta.checkpointInterval: "100" }
limits: { maxFilesPerTrigger: 500, maxColumns: 50 }
engine: { memory: 40g }
`);
  assert.deepEqual(pipelines.kinds, ["append"]);
  assert.deepEqual(JSON.parse(pipelines.declaration("append")), {
    pipeline: "prove",
    source: { location: "in", format: "json", onOverwrite: "append" },
    schema: { hints: "at TIMESTAMP", timeZone: "Europe/Zurich", rescuedDataColumn: "rest" },
    table: {
      location: "table",
      partitionBy: ["region"],
      properties: { "delta.appendOnly": "true", "delta.checkpointInterval": "3" },
    },
    limits: { maxFilesPerTrigger: 3, maxColumns: 50 },
    engine: { memory: "512m", threads: 1 },
  });
});

test("a smaller batch than ours stays as it is declared", () => {
  const pipelines = scratchOf(
    "{source: {location: in, format: csv}, table: {location: t}, limits: {maxFilesPerTrigger: 1}}",
  );
  const { limits } = JSON.parse(pipelines.declaration("ignore")) as { limits: unknown };
  assert.deepEqual(limits, { maxFilesPerTrigger: 1 });
});

test("hinted columns hold what fits them, at any depth, and a first row that does not", () => {
  const pipelines = scratchOf(`
source: { location: in/*.json }
schema: { hints: "n INT, at TIMESTAMP, s.b DECIMAL(10,2), tags ARRAY<STRING>, id BIGINT, m MAP<STRING, INT>" }
table: { location: t, partitionBy: [region] }
`);
  const [first, second] = recordsOf(pipelines);
  assert.deepEqual(Object.keys(second!), ["scratch_id", "n", "at", "s", "tags", "id", "region", "load"]);
  assert.equal(first!["n"], "no such value");
  assert.deepEqual(
    { ...second, region: undefined },
    {
      scratch_id: "f#1",
      n: 1,
      at: "2026-03-02T10:00:00Z",
      s: { b: 1 },
      tags: ["text 1", "text 1"],
      id: 1,
      region: undefined,
      load: 1.5,
    },
  );
});

test("a STRING column tells rows apart where columns are explicit, and no partition does", () => {
  const pipelines = scratchOf(`
source: { location: in, format: csv, recursiveFileLookup: false }
schema: { columns: "region STRING, d DATE NOT NULL, name STRING NOT NULL, more STRUCT<a: INT>, n INT" }
table: { location: t, partitionBy: [region] }
`);
  assert.equal(pipelines.data.inFolders, false);
  const [header, first, second] = linesOf(pipelines);
  assert.equal(header, "name,region,d,n");
  assert.match(first!, /^f#0,text \d,2026-03-01,no such value$/);
  assert.match(second!, /^f#1,text \d,2026-03-02,1$/);
});

const REFUSED: readonly (readonly [what: RegExp, text: string])[] = [
  [/onOverwrite: fail/, "{source: {location: in, format: json, onOverwrite: fail}, table: {location: t}}"],
  [
    /includeExistingFiles: false/,
    "{source: {location: in, format: json, includeExistingFiles: false}, table: {location: t}}",
  ],
  [
    /generation: contentHash/,
    "{source: {location: in, format: json, generation: contentHash}, table: {location: t}}",
  ],
  [/format: parquet/, "{source: {location: in, format: parquet}, table: {location: t}}"],
  [/format: parquet/, "{source: {location: in/*.parquet}, table: {location: t}}"],
  [
    /json\.mode: FAILFAST/,
    "{source: {location: in, format: json}, json: {mode: FAILFAST}, table: {location: t}}",
  ],
  [/expect/, "{source: {location: in, format: json}, expect: {x: 'id > 1'}, table: {location: t}}"],
  [
    /transform/,
    "{source: {location: in, format: json}, transform: SELECT id FROM batch, table: {location: t}}",
  ],
  [/source\.format that is left out/, "{source: {location: in}, table: {location: t}}"],
  [
    /schema\.columns/,
    "{source: {location: in, format: json}, schema: {columns: 'a INT, b STRING'}, table: {location: t, partitionBy: [b]}}",
  ],
  [
    /NOT NULL column raw/,
    "{source: {location: in, format: json}, schema: {columns: 'a STRING, raw BINARY NOT NULL'}, table: {location: t}}",
  ],
  [
    /the column a,b/,
    "{source: {location: in, format: csv}, schema: {columns: 'x STRING, `a,b` INT'}, table: {location: t}}",
  ],
  [
    /partitionColumns/,
    "{source: {location: in, format: json, partitionColumns: [year]}, table: {location: t}}",
  ],
  [
    /partitionBy with expressions/,
    "{source: {location: in, format: json}, table: {location: t, partitionBy: ['date(at)']}}",
  ],
  [
    /evolutionMode: none/,
    "{source: {location: in, format: json}, schema: {evolutionMode: none}, table: {location: t}}",
  ],
  [
    /evolutionMode: failOnNewColumns/,
    "{source: {location: in, format: json}, schema: {evolutionMode: failOnNewColumns}, table: {location: t}}",
  ],
];

for (const [what, text] of REFUSED) {
  test(`${what.source} is refused by name: ${text}`, () => {
    assert.throws(
      () => scratchOf(text),
      (error) => isLandfallError(error) && error.code === "PROVE_UNSUITED" && what.test(error.message),
    );
  });
}

test("where columns get wider types, some rows hold numbers that only a wider type takes", () => {
  const declared = (mode: string): ScratchPipelines =>
    scratchOf(
      `{source: {location: in, format: json}, schema: {hints: "a INT, n TINYINT, f FLOAT", evolutionMode: ${mode}}, table: {location: t}}`,
    );
  const rowsOf = ({ data }: ScratchPipelines): readonly Record<string, unknown>[] =>
    Array.from({ length: 50 }, (_none, i) =>
      scratchFile(data, seededRandom(i), { name: "f", broken: false }).toString().trimEnd().split("\n"),
    )
      .flat()
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const wide = rowsOf(declared("addNewColumnsWithTypeWidening"));
  const beyond = wide.filter(({ n }) => n === 300).length;
  assert.ok(beyond > 0 && beyond < wide.length / 5, String(beyond));
  assert.ok(wide.some(({ f }) => f === 0.123456789012));
  assert.ok(rowsOf(declared("addNewColumns")).every(({ n }) => n !== 300));
});
