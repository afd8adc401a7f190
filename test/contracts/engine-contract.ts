/** What every adapter of the engine's port promises; each adapter's test calls it. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { isLandfallError } from "../../src/base/landfall-error.ts";
import { checkpointColumns } from "../../src/delta/checkpoint-schema.ts";
import type { Engine, EngineOptions, StageRequest } from "../../src/engine/engine.ts";
import type { CsvOptionsWritten } from "../../src/formats/csv-options.ts";
import { DEFAULT_FORMAT_OPTIONS } from "../../src/formats/format-options.ts";
import type { StructType } from "../../src/schema/data-type.ts";
import { parseDdl } from "../../src/schema/ddl.ts";
import { tarOf, zipOf } from "../support/archives.ts";
import { csvFormats } from "../support/csv-scans.ts";
import { rowsOf, stageRequest, tableOf, writeFiles, type FileContents } from "../support/stage-files.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { testEngine } from "../support/test-engine.ts";
import { writeParquetFile } from "../support/write-parquet-file.ts";

const MIB = 1024 ** 2;

export interface OpenedEngine<E extends Engine> {
  readonly engine: E;
  readonly folder: string;
  readonly options: EngineOptions;
}

/** Opens an adapter in a folder of its own; it is closed when the test ends. */
export function openEngine<E extends Engine>(
  t: TestContext,
  make: (options: EngineOptions) => E,
  options: Partial<EngineOptions> = {},
): OpenedEngine<E> {
  const folder = temporaryFolder(t);
  const all: EngineOptions = {
    memoryBytes: 512 * MIB,
    threads: 2,
    spillFolder: join(folder, "spill"),
    spillBytes: 1024 * MIB,
    ...options,
  };
  const engine = make(all);
  t.after(() => engine.close());
  return { engine, folder, options: all };
}

function requestOf(
  folder: string,
  format: StageRequest["format"],
  contents: FileContents,
  more: Partial<StageRequest> = {},
): StageRequest {
  const inputs = join(folder, "in");
  mkdirSync(inputs, { recursive: true });
  return stageRequest(folder, { format, files: writeFiles(inputs, contents), ...more });
}

const isAborted = (error: unknown): boolean => error instanceof Error && error.name === "AbortError";

type Opener = (t: TestContext) => { readonly engine: Engine; readonly folder: string };

/** One engine for all that only uses it: to start one costs more than what most tests ask of it. */
export function openShared(make: (options: EngineOptions) => Engine): Opener {
  const engine = testEngine({ make });
  return (t) => ({ engine, folder: temporaryFolder(t) });
}

export function engineContract(name: string, make: (options: EngineOptions) => Engine): void {
  const open = openShared(make);
  stagingContract(name, open);
  answeringContract(name, open);
  failingContract(name, make);
}

/** Each option of CSV with a text that shows it. */
const CSV_OPTIONS: readonly (readonly [
  what: string,
  written: CsvOptionsWritten,
  content: string | Buffer,
  rows: readonly string[],
])[] = [
  ["header", { header: false }, "1,x\n", ['{"_c0":"1","_c1":"x"}']],
  ["sep", { sep: "||" }, "a||b\n1||2|3\n", ['{"a":"1","b":"2|3"}']],
  ["quote", { quote: "'" }, "a,b\n'1,2',x\n", ['{"a":"1,2","b":"x"}']],
  ["escape", { escape: "\\" }, 'a,b\n"1\\"2",x\n', ['{"a":"1\\"2","b":"x"}']],
  [
    "charToEscapeQuoteEscaping",
    { escape: "\\", charToEscapeQuoteEscaping: "^" },
    'a,b\n"1^\\",x\n',
    ['{"a":"1\\\\","b":"x"}'],
  ],
  ["comment", { comment: "#" }, "#x\na,b\n#\n1,#2\n", ['{"a":"1","b":"#2"}']],
  ["nullValue", { nullValue: "NA" }, "a,b\n1,x\nNA,NAN\n", ['{"a":"1","b":"x"}', '{"b":"NAN"}']],
  ["emptyValue", { emptyValue: "none" }, 'a,b\n1,""\n', ['{"a":"1","b":"none"}']],
  ["nanValue", { nanValue: "nan" }, "a,d\n1,nan\n", ['{"a":"1","d":"NaN"}']],
  ["positiveInf", { positiveInf: "inf" }, "a,d\n1,inf\n", ['{"a":"1","d":"Infinity"}']],
  ["negativeInf", { negativeInf: "-inf" }, "a,d\n1,-inf\n", ['{"a":"1","d":"-Infinity"}']],
  ["dateFormat", { dateFormat: "d.M.yyyy" }, "a,b\n1,3.2.2024\n", ['{"a":"1","b":"2024-02-03"}']],
  [
    "timestampFormat",
    { timestampFormat: "d.M.yyyy HH:mm" },
    "a,b\n1,3.2.2024 10:00\n",
    ['{"a":"1","b":"2024-02-03 10:00:00+00"}'],
  ],
  ["ignoreLeadingWhiteSpace", { ignoreLeadingWhiteSpace: true }, "a, b\n1, 2\n", ['{"a":"1","b":"2"}']],
  ["ignoreTrailingWhiteSpace", { ignoreTrailingWhiteSpace: true }, "a ,b\n1 ,2\n", ['{"a":"1","b":"2"}']],
  ["skipRows", { skipRows: 2 }, 'made\n"by us\na,b\n1,2\n', ['{"a":"1","b":"2"}']],
  [
    "multiLine",
    { multiLine: false },
    'a,b\n1,"x\n2,y"\n3,z\n',
    ['{"a":"2","b":"y\\""}', '{"a":"3","b":"z"}'],
  ],
  ["lineSep", { lineSep: "\r" }, "a,b\r1,2\r", ['{"a":"1","b":"2"}']],
  [
    "encoding",
    { encoding: "UTF-16BE" },
    Buffer.from("a,b\n1,é\n", "utf16le").swap16(),
    ['{"a":"1","b":"é"}'],
  ],
];

function stagingContract(name: string, open: Opener): void {
  const texts = [
    ["json", '{"id":1,"s":"x"}\n{"id":2}\n{"id":"three"\n', '{"id":4,"s":5}'],
    ["csv", 'id,s\n1,x\n2,\n"three"y,\n', "s,id\n5,4\n"],
  ] as const;
  for (const [what, written, content, expected] of CSV_OPTIONS) {
    test(`${name}: csv.${what} reaches the reader`, async (t) => {
      const { engine, folder } = open(t);
      const contents = { "a.csv": content };
      const formats = csvFormats(written);
      const hints = [{ path: ["d"], type: "double" }] as const;
      const result = await engine.stage(requestOf(folder, "csv", contents, { formats, hints }));
      assert.deepEqual(await rowsOf(engine, result), expected);
    });
  }

  for (const [format, first, second] of texts) {
    test(`${name}: ${format} becomes rows, broken records rejects, and the counts close`, async (t) => {
      const { engine, folder } = open(t);
      const request = requestOf(folder, format, { a: first, b: second });
      const result = await engine.stage(request);
      assert.deepEqual(await rowsOf(engine, result), [
        '{"id":"1","s":"x"}',
        '{"id":"2"}',
        '{"id":"4","s":"5"}',
      ]);
      assert.deepEqual(
        result.files.map((file) => [file.key, file.outcome, file.read, file.written, file.rejected]),
        [
          ["a", "committed", 3, 2, 1],
          ["b", "committed", 1, 1, 0],
        ],
      );
      assert.equal(result.rejects?.rows, 1);
      assert.deepEqual(
        result.schema.fields.map((field) => [field.name, field.type]),
        [
          ["id", "long"],
          ["s", "string"],
          ["_rescued_data", "string"],
        ],
      );
    });

    test(`${name}: gzipped ${format} is read, a damaged one is quarantined with a reason`, async (t) => {
      const { engine, folder } = open(t);
      const packed = gzipSync(second);
      const damaged = Buffer.from(packed);
      damaged[damaged.length - 6]! ^= 1;
      const result = await engine.stage(
        requestOf(folder, format, { a: packed, b: damaged, c: packed.subarray(0, -4) }),
      );
      assert.deepEqual(
        result.files.map((file) => [file.outcome, file.written, file.bytes]),
        [
          ["committed", 1, packed.length],
          ["quarantined", 0, packed.length],
          ["quarantined", 0, packed.length - 4],
        ],
      );
      assert.match(result.files[1]!.reason!, /checksum/);
      assert.match(result.files[2]!.reason!, /truncated/);
    });

    test(`${name}: ${format} packed with zstd is read whatever its name, a damaged one quarantined`, async (t) => {
      const { engine, folder } = open(t);
      const packed = zstdCompressSync(second);
      const files = { "a.gz": packed, b: packed.subarray(0, -1), c: Buffer.concat([packed, packed]) };
      const result = await engine.stage(requestOf(folder, format, files));
      // Two CSV files in one are one file with a second header in it.
      const twice = format === "json" ? 2 : 3;
      assert.deepEqual(
        result.files.map((file) => [file.outcome, file.written, file.bytes]),
        [
          ["committed", 1, packed.length],
          ["quarantined", 0, packed.length - 1],
          ["committed", twice, packed.length * 2],
        ],
      );
      assert.match(result.files[1]!.reason!, /zstd: the file is truncated/);
    });

    test(`${name}: a gzipped ${format} file that grows past the limit is quarantined`, async (t) => {
      const { engine, folder } = open(t);
      const request = requestOf(folder, format, { a: gzipSync(first.repeat(1000)) });
      const limits = { ...request.limits, maxExpandedBytes: 10_000 };
      const result = await engine.stage({ ...request, limits });
      assert.equal(result.files[0]!.outcome, "quarantined");
      assert.match(result.files[0]!.reason!, /grows/);
    });
  }

  const layouts = [
    ["an array", '[{"id":1,"s":"x"},\n{"id":2},{"id":01},7]'],
    ["objects over lines", '{\n"id":1,\n"s":"x"}\n{\n"id":2\n}\n{"id":01}{"id":\n"\n"}'],
    ["a zipped array", gzipSync('[{"id":1,"s":"x"},{"id":2},{"id":01},7]')],
  ] as const;
  for (const [what, content] of layouts) {
    test(`${name}: ${what} of JSON gives its records, bad ones rejected by number`, async (t) => {
      const { engine, folder } = open(t);
      const result = await engine.stage(requestOf(folder, "json", { a: content, b: '[{"id":3}' }));
      assert.deepEqual(await rowsOf(engine, result), ['{"id":"1","s":"x"}', '{"id":"2"}']);
      const [read, cut] = result.files;
      assert.deepEqual([read!.outcome, read!.read, read!.written, read!.rejected], ["committed", 4, 2, 2]);
      assert.equal(cut!.outcome, "quarantined");
      const rejects = await engine.query({
        sql: "SELECT file, record, byte_offset FROM batch ORDER BY record",
        tables: [
          {
            name: "batch",
            schema: parseDdl("file STRING, record BIGINT, byte_offset BIGINT"),
            partitionColumns: [],
            files: [{ path: result.rejects!.path, partitionValues: {} }],
          },
        ],
      });
      assert.deepEqual(rejects.rows, [
        ["a", "3", null],
        ["a", "4", null],
      ]);
    });
  }

  for (const [format, content] of [
    ["json", '{"id":1,"s":"é"}\n{"id":"x","s":"ü"}\n7\n'],
    ["csv", 'id,s\n1,é\nx,ü\n"7"y,\n'],
  ] as const) {
    test(`${name}: ${format} in UTF-16 is told by its mark, other encodings by the option; what is none is quarantined`, async (t) => {
      const { engine, folder } = open(t);
      const little = Buffer.from(`\uFEFF${content}`, "utf16le");
      const columns = parseDdl("id BIGINT, s STRING");
      const utf16 = requestOf(
        folder,
        format,
        { a: little, b: gzipSync(Buffer.from(little).swap16()) },
        { columns },
      );
      const latin = requestOf(folder, format, { c: Buffer.from(content, "latin1") }, { columns });
      const formats = { ...latin.formats, [format]: { ...latin.formats[format], encoding: "iso-8859-1" } };
      for (const [request, times] of [
        [utf16, 2],
        [{ ...latin, formats }, 1],
      ] as const) {
        const result = await engine.stage(request);
        for (const file of result.files)
          assert.deepEqual([file.read, file.written, file.rejected], [3, 2, 1]);
        const clean = (await rowsOf(engine, result)).filter((row) => !row.includes("_rescued_data"));
        assert.deepEqual(
          clean,
          Array.from({ length: times }, () => '{"id":"1","s":"é"}'),
        );
      }
      const odd = requestOf(folder, format, {
        a: Buffer.from(`\uFEFF${content}`, "utf16le").subarray(0, -1),
      });
      const [file] = (await engine.stage(odd)).files;
      assert.match(file!.reason!, /no utf-16le/);
    });
  }

  const archives = [
    ["json", '{"id":1}\n', '[{"id":2},{"id":"x"},7]', "null"],
    ["csv", "id,s\n1,\n", 'id\n2\nx\n"3"y\n', "id"],
  ] as const;
  for (const [format, first, second, empty] of archives) {
    test(`${name}: the members of archives are read as ${format} files of their own and count as one`, async (t) => {
      const { engine, folder } = open(t);
      const members = [
        { name: `one.${format}`, content: first },
        { name: `sub/two é.${format}`, content: second },
        { name: "sub/_SUCCESS", content: empty },
      ];
      const [zip, tar] = [zipOf(members), tarOf(members)];
      const contents = { "a.zip": zip, "b.tgz": gzipSync(tar), c: first, d: tar.subarray(0, -1024) };
      const columns = parseDdl("id BIGINT");
      const result = await engine.stage(requestOf(folder, format, contents, { columns }));
      assert.deepEqual(
        result.files.map((file) => [
          file.outcome,
          file.bytes,
          file.read,
          file.written,
          file.rescued,
          file.rejected,
        ]),
        [
          ["committed", zip.length, 4, 3, 1, 1],
          ["committed", gzipSync(tar).length, 4, 3, 1, 1],
          ["committed", first.length, 1, 1, 0, 0],
          ["quarantined", tar.length - 1024, 0, 0, 0, 0],
        ],
      );
      assert.match(result.files[3]!.reason!, /tar: the archive is truncated/);
      const rows = await rowsOf(engine, result);
      const rescued = rows.filter((row) => row.includes("_rescued_data"));
      assert.deepEqual(
        rows.filter((row) => !rescued.includes(row)),
        ['{"id":"1"}', '{"id":"1"}', '{"id":"1"}', '{"id":"2"}', '{"id":"2"}'],
      );
      assert.equal(rescued.length, 2);
      assert.match(rescued[0]!, /a\.zip\/sub\/two%20%C3%A9/);
      assert.equal(result.rejects!.rows, 2);
    });
  }

  test(`${name}: an archive with one damaged member brings no row of any`, async (t) => {
    const { engine, folder } = open(t);
    const members = [
      { name: "good.json", content: '{"id":1}\n' },
      { name: "bad.json", content: '[{"id":2}' },
    ];
    const contents = { a: zipOf(members), b: '{"id":3}', c: tarOf(members) };
    const result = await engine.stage(requestOf(folder, "json", contents));
    assert.deepEqual(await rowsOf(engine, result), ['{"id":"3"}']);
    for (const file of [result.files[0]!, result.files[2]!]) {
      assert.deepEqual([file.outcome, file.read], ["quarantined", 0]);
      assert.match(file.reason!, /bad\.json: JSON: the file ends before its brackets close/);
    }
  });

  test(`${name}: the records at a path of JSON documents are read, misfits repaired`, async (t) => {
    const { engine, folder } = open(t);
    const json = { ...DEFAULT_FORMAT_OPTIONS.json, jsonPath: ["data", "items"] };
    const contents = {
      a: '{"n":2,"data":{"items":[{"id":1},{"id":2}],"next":null}}',
      b: '{"data":{"items":{"id":"x"}}}\n{"data":{"items":[]}}',
      c: '{"data":{}}',
    };
    const request = requestOf(folder, "json", contents, { columns: parseDdl("id BIGINT") });
    const result = await engine.stage({ ...request, formats: { ...request.formats, json } });
    assert.deepEqual(await rowsOf(engine, result), [
      '{"_rescued_data":"{\\"id\\":\\"x\\",\\"_file_path\\":\\"b\\"}"}',
      '{"id":"1"}',
      '{"id":"2"}',
    ]);
    assert.deepEqual(
      result.files.map((file) => [file.outcome, file.read, file.rescued]),
      [
        ["committed", 2, 0],
        ["committed", 1, 1],
        ["quarantined", 0, 0],
      ],
    );
    assert.match(result.files[2]!.reason!, /nothing at \$\.data\.items/);
  });

  test(`${name}: parquet becomes rows, what is no parquet is quarantined`, async (t) => {
    const { engine, folder } = open(t);
    const path = join(folder, "one.parquet");
    await writeParquetFile(path, "SELECT 1::BIGINT id, 'x' s UNION ALL SELECT 2, NULL");
    const bytes = readFileSync(path);
    const result = await engine.stage(
      requestOf(folder, "parquet", { a: bytes, b: bytes.subarray(0, -1), c: Buffer.alloc(0) }),
    );
    assert.deepEqual(await rowsOf(engine, result), ['{"id":"1","s":"x"}', '{"id":"2"}']);
    assert.deepEqual(
      result.files.map((file) => [file.outcome, file.written]),
      [
        ["committed", 2],
        ["quarantined", 0],
        ["quarantined", 0],
      ],
    );
  });

  test(`${name}: partitions come apart for every format, with their values`, async (t) => {
    const { engine, folder } = open(t);
    const contents = { json: '{"p":"x","v":1}\n{"p":"y","v":2}', csv: "p,v\nx,1\ny,2\n" };
    for (const [format, content] of Object.entries(contents)) {
      const request = requestOf(folder, format as keyof typeof contents, { [format]: content });
      const result = await engine.stage({ ...request, partitionBy: ["p"] });
      assert.deepEqual(new Set(result.dataFiles.map((file) => file.partition["p"])), new Set(["x", "y"]));
      assert.deepEqual(await rowsOf(engine, result, ["p"]), ['{"p":"x","v":"1"}', '{"p":"y","v":"2"}']);
    }
  });

  test(`${name}: names that a glob or a shell would take apart are only names`, async (t) => {
    const { engine, folder } = open(t);
    const names = ["we[ird]*?.csv", "it's;--.csv", "é %25\n.csv"];
    const contents = Object.fromEntries(names.map((file, i) => [file, `id\n${i}\n`]));
    const result = await engine.stage(requestOf(folder, "csv", contents));
    assert.deepEqual(await rowsOf(engine, result), ['{"id":"0"}', '{"id":"1"}', '{"id":"2"}']);
  });

  test(`${name}: a file that is gone brings no row and says so`, async (t) => {
    const { engine, folder } = open(t);
    for (const format of ["json", "csv", "parquet"] as const) {
      const missing = { key: "gone", path: join(folder, "gone"), size: 1 };
      const result = await engine.stage(stageRequest(folder, { format, files: [missing] }));
      assert.deepEqual([result.files[0]!.outcome, result.files[0]!.bytes], ["quarantined", 0]);
      assert.match(result.files[0]!.reason!, /not there/);
    }
  });

  test(`${name}: an empty batch has a schema and no files`, async (t) => {
    const { engine, folder } = open(t);
    for (const format of ["json", "csv", "parquet"] as const) {
      const result = await engine.stage(stageRequest(folder, { format, files: [] }));
      assert.deepEqual([result.files, result.dataFiles], [[], []]);
    }
  });
}

function answeringContract(name: string, open: Opener): void {
  test(`${name}: lines of JSON go to Parquet and come back, 64-bit integers exact`, async (t) => {
    const { engine, folder } = open(t);
    const jsonPath = join(folder, "in.json");
    const parquetPath = join(folder, "x.parquet");
    writeFileSync(jsonPath, '{"a":9223372036854775807,"m":{"k":"v"}}\n{"b":"x"}\n');
    const columns = parseDdl("a BIGINT, b STRING, m MAP<STRING, STRING>");
    await engine.fromJsonLines({ jsonPath, parquetPath, columns });
    const all = join(folder, "all.json");
    await engine.toJsonLines({ parquetPath, jsonPath: all });
    assert.equal(
      readFileSync(all, "utf8"),
      '{"a":9223372036854775807,"b":null,"m":{"k":"v"}}\n{"a":null,"b":"x","m":null}\n',
    );
    const some = join(folder, "some.json");
    await engine.toJsonLines({ parquetPath, jsonPath: some, columns: ["b", "absent"] });
    assert.equal(readFileSync(some, "utf8"), '{"b":"x"}\n');
  });

  test(`${name}: rows of a checkpoint go into the next as they stand, but for those that are named and those that expired`, async (t) => {
    const { engine, folder } = open(t);
    const at = (file: string): string => join(folder, file);
    const columns = checkpointColumns({ minReaderVersion: 1, minWriterVersion: 2 });
    const add = (path: string, more = ""): string =>
      `{"add":{"path":"${path}","partitionValues":{"p":"1"},"size":9007199254740992,"modificationTime":1,"dataChange":true${more}}}`;
    const remove = (path: string, time: number): string =>
      `{"remove":{"path":"${path}","deletionTimestamp":${time},"dataChange":true,"size":2}}`;
    const vector = `,"deletionVector":{"storageType":"i","pathOrInlineDv":"x","sizeInBytes":2,"cardinality":7}`;
    const carry = async (rows: readonly string[], more = columns) => {
      writeFileSync(at("old.json"), rows.join("\n"));
      await engine.fromJsonLines({ jsonPath: at("old.json"), parquetPath: at("old.parquet"), columns: more });
      writeFileSync(at("new.json"), add("new"));
      writeFileSync(at("without.json"), '{"path":"gone","vector":""}\n{"path":"with","vector":"iy"}\n');
      return engine.carryRows({
        carriedPaths: [at("old.parquet")],
        withoutPath: at("without.json"),
        expired: 5,
        jsonPath: at("new.json"),
        parquetPath: at("next.parquet"),
        columns,
      });
    };
    const rows = [
      '{"txn":{"appId":"a","version":1}}',
      add("kept"),
      add("gone"),
      add("with", vector),
      remove("old", 5),
      remove("young", 6),
    ];
    assert.deepEqual(await carry(rows), {
      files: 2,
      bytes: 2 ** 54,
      vectors: 1,
      deletedRows: 7n,
      tombstones: 1,
    });
    await engine.toJsonLines({ parquetPath: at("next.parquet"), jsonPath: at("next.json") });
    const found = readFileSync(at("next.json"), "utf8").trimEnd().split("\n");
    const paths = found.map((line) => /"path":"(\w+)"/.exec(line)?.[1]);
    assert.deepEqual(new Set(paths), new Set(["kept", "new", "with", "young"]));
    assert.equal(paths.length, 4);
    assert.match(
      found.find((line) => line.includes("kept"))!,
      /"size":9007199254740992,.*"dataChange":false/,
    );
    assert.equal(await carry([add("a%20b")]), undefined, "another form of path");
    assert.equal(await carry([add("a").replace('"size":9007199254740992,', "")]), undefined, "no size");
    const parsed: StructType = parseDdl(
      "add STRUCT<path STRING, partitionValues MAP<STRING, STRING>, size BIGINT, modificationTime BIGINT, dataChange BOOLEAN, stats_parsed STRUCT<numRecords BIGINT>>",
    );
    assert.equal(await carry([add("a", ',"stats_parsed":{"numRecords":1}')], parsed), undefined, "stats");
  });

  test(`${name}: a folder whose name is a glob is itself, beside a folder that the glob would match`, async (t) => {
    const { engine, folder } = open(t);
    const columns = parseDdl("a STRING");
    const names = ["t[1]", "t1", "t*", "t?", "tx"];
    for (const own of names) {
      mkdirSync(join(folder, own));
      const jsonPath = join(folder, own, "in.json");
      writeFileSync(jsonPath, `{"a":${JSON.stringify(own)}}\n`);
      await engine.fromJsonLines({ jsonPath, parquetPath: join(folder, own, "x.parquet"), columns });
    }
    for (const own of names) {
      const parquetPath = join(folder, own, "x.parquet");
      const jsonPath = join(folder, own, "out.json");
      await engine.toJsonLines({ parquetPath, jsonPath });
      assert.deepEqual(JSON.parse(readFileSync(jsonPath, "utf8")), { a: own });
      const files = [{ path: parquetPath, partitionValues: {} }];
      const tables = [{ name: "batch", schema: columns, partitionColumns: [], files }];
      assert.deepEqual((await engine.query({ sql: "SELECT a FROM batch", tables })).rows, [[own]]);
    }
  });

  test(`${name}: a query sees the tables it was given and no other file`, async (t) => {
    const { engine, folder } = open(t);
    const result = await engine.stage(requestOf(folder, "csv", { a: "id\n1\n2\n3\n" }));
    const tables = [tableOf(result)];
    const answer = await engine.query({ sql: "SELECT sum(id) AS s FROM batch", tables });
    assert.deepEqual(answer.rows, [["6"]]);
    const cut = await engine.query({ sql: "SELECT id FROM batch", tables, limit: 2 });
    assert.deepEqual([cut.rows.length, cut.truncated], [2, true]);
    const outside = join(folder, "in", "a");
    for (const sql of [`SELECT * FROM read_csv('${outside}')`, "SELECT * FROM nowhere", "not sql"]) {
      await assert.rejects(engine.query({ sql, tables }), (error) => isLandfallError(error, "QUERY_INVALID"));
    }
    const select = "id + 1 AS next, 'of ' || id AS text";
    const seen = await engine.query({ sql: "FROM batch ORDER BY 1", tables: [{ ...tables[0]!, select }] });
    assert.deepEqual(seen.rows, [
      ["2", "of 1"],
      ["3", "of 2"],
      ["4", "of 3"],
    ]);
  });

  test(`${name}: a query is one SELECT; what would write over its tables' files is not run`, async (t) => {
    const { engine, folder } = open(t);
    const result = await engine.stage(requestOf(folder, "csv", { a: "id\n1\n2\n3\n" }));
    const tables = [tableOf(result)];
    const { path } = tables[0]!.files[0]!;
    const before = readFileSync(path);
    const overwrite = `COPY (SELECT 1 AS id) TO '${path}' (FORMAT parquet, USE_TMP_FILE false)`;
    for (const sql of [
      overwrite,
      `SELECT 1; ${overwrite}`,
      `EXPLAIN ANALYZE ${overwrite}`,
      `PREPARE p AS ${overwrite}`,
      `ATTACH '${path}.db' AS other`,
      `CREATE TABLE batch2 AS SELECT 1`,
      "",
    ]) {
      await assert.rejects(engine.query({ sql, tables }), (error) => isLandfallError(error, "QUERY_INVALID"));
    }
    assert.deepEqual(readFileSync(path), before);
    assert.deepEqual((await engine.query({ sql: "DESCRIBE batch", tables })).rows.length, 2);
    const sql = "FROM (PIVOT batch ON id IN (1, 2) USING count(*))";
    assert.equal((await engine.query({ sql, tables })).rows.length, 1);
  });

  test(`${name}: calls overlap`, async (t) => {
    const { engine, folder } = open(t);
    const results = await Promise.all(
      [1, 2, 3].map((n) => engine.stage(requestOf(folder, "csv", { [`f${n}`]: `id\n${n}\n` }))),
    );
    const rows = await Promise.all(results.map((result) => rowsOf(engine, result)));
    assert.deepEqual(rows, [['{"id":"1"}'], ['{"id":"2"}'], ['{"id":"3"}']]);
  });
}

function failingContract(name: string, make: (options: EngineOptions) => Engine): void {
  test(`${name}: a call whose signal is aborted rejects with its reason, and the next call works`, async (t) => {
    const { engine, folder } = openEngine(t, make);
    const before = AbortSignal.abort();
    const request = requestOf(folder, "csv", { a: "id\n1\n" });
    // An adapter may refuse at once or as a rejection: both reach an awaiting caller the same way.
    await assert.rejects(async () => engine.stage(request, { signal: before }), isAborted);
    const stop = new AbortController();
    const slow = engine.query(
      {
        sql: "SELECT count(*) FROM range(10000000) a, range(1000000) b WHERE a.range % 7 = b.range % 5",
        tables: [],
      },
      { signal: stop.signal },
    );
    setImmediate(() => stop.abort());
    await assert.rejects(slow, isAborted);
    assert.deepEqual(await rowsOf(engine, await engine.stage(request)), ['{"id":"1"}']);
  });

  test(`${name}: what does not fit into the memory limit is refused, names the limit, and ends nothing`, async (t) => {
    const { engine, folder } = openEngine(t, make, { memoryBytes: 64 * MIB, spillBytes: MIB, threads: 1 });
    // One value that no spilling can split.
    const path = join(folder, "big.parquet");
    await writeParquetFile(path, "SELECT repeat('x', 100000000) s");
    const request = requestOf(folder, "parquet", { a: readFileSync(path) });
    await assert.rejects(
      engine.stage(request),
      (error) => isLandfallError(error, "ENGINE_OUT_OF_MEMORY") && /memory limit/.test(error.message),
    );
    const small = requestOf(folder, "csv", { b: "id\n1\n" });
    assert.deepEqual(await rowsOf(engine, await engine.stage(small)), ['{"id":"1"}']);
  });

  test(`${name}: closing leaves no spill folder, and closing an engine that never ran is fine`, async (t) => {
    const idle = openEngine(t, make);
    assert.equal(idle.engine.started, false);
    await idle.engine.close();
    const used = openEngine(t, make);
    await used.engine.stage(requestOf(used.folder, "csv", { a: "id\n1\n" }));
    assert.equal(used.engine.started, true);
    await used.engine.close();
    assert.equal(existsSync(used.options.spillFolder), false);
    assert.deepEqual(
      readdirSync(used.folder).filter((file) => file.startsWith("spill")),
      [],
    );
  });
}
