import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DEFAULT_FORMAT_OPTIONS, FORMATS } from "../formats/format-options.ts";
import { readDeclaration } from "./read-declaration.ts";
import { readOptions } from "./read-options.ts";
import { KEYS_NOT_YET, VALUES_NOT_YET } from "./not-yet.ts";
import { declarationOptions, declarationSections } from "./options.ts";
import { formatProblems, type Problem } from "./problem.ts";

const SHORTEST = "source: { location: ./in }\ntable: { location: out }\n";

function problemsOf(text: string): readonly Problem[] {
  const { problems } = readDeclaration({ text, file: "p.yaml", baseFolder: "/base" });
  assert.ok(problems, `read without complaint: ${text}`);
  return problems;
}

/** `line:column message; did you mean …?` of each. */
function said(problems: readonly Problem[]): string[] {
  return problems.map(({ at, message, didYouMean }) => {
    const place = "line" in at ? `${at.line}:${at.column}` : at.option;
    return `${place} ${message}${didYouMean === undefined ? "" : `; did you mean ${didYouMean}?`}`;
  });
}

function pipelineOf(text: string) {
  const { pipeline, problems } = readDeclaration({ text, file: "p.yaml", baseFolder: "/base" });
  assert.ok(pipeline, formatProblems(problems ?? [], { file: "p.yaml", text }));
  return pipeline;
}

test("the shortest declaration gets every default", () => {
  assert.deepEqual(pipelineOf(SHORTEST), {
    name: undefined,
    source: {
      location: "/base/in",
      format: undefined,
      pathGlobFilter: undefined,
      ignore: undefined,
      ignoreHidden: true,
      marker: undefined,
      order: "oldest",
      backfill: undefined,
      recursiveFileLookup: true,
      modifiedAfter: undefined,
      modifiedBefore: undefined,
      includeExistingFiles: true,
      onOverwrite: "ignore",
      generation: "mtime",
      partitionColumns: [],
    },
    formats: DEFAULT_FORMAT_OPTIONS,
    schema: {
      columns: undefined,
      hints: [],
      timeZone: "UTC",
      rescuedDataColumn: "_rescued_data",
      evolutionMode: "addNewColumns",
      provenance: [],
      prefersDecimal: false,
      readerCaseSensitive: true,
    },
    transform: undefined,
    expect: [],
    table: {
      location: "/base/out",
      partitionBy: [],
      compaction: { autoCompact: undefined, minNumFiles: 50, maxFileSize: 128 * 1024 ** 2 },
      computedColumns: [],
      history: undefined,
      properties: {},
    },
    archive: undefined,
    quarantine: undefined,
    trigger: { kind: "availableNow" },
    limits: {
      maxFilesPerTrigger: 50_000,
      maxBytesPerTrigger: 10 * 1024 ** 3,
      maxRecordBytes: 64 * 1024 ** 2,
      maxDepth: 40,
      maxColumns: 10_000,
      maxPartitions: 1000,
      expansion: 200,
      maxExpandedBytes: 100 * 1024 ** 3,
      maxRejected: undefined,
      maxQuarantined: undefined,
      transformSeconds: 600,
      transformMemory: 1024 ** 3,
    },
    engine: { memory: undefined, threads: undefined, spill: undefined },
  });
});

test("a declaration that says everything is taken over, sizes in bytes and DDL parsed", () => {
  const pipeline = pipelineOf(`
pipeline: car-telemetry
source:
  location: /data/in/*.json
  format: json
  pathGlobFilter: "*.json"
  recursiveFileLookup: false
  includeExistingFiles: false
  onOverwrite: append
  generation: contentHash
schema:
  hints: "at TIMESTAMP, a.b DOUBLE"
  timeZone: Europe/Berlin
  rescuedDataColumn: _rest
  evolutionMode: addNewColumns
table:
  location: ../tables/x/
  partitionBy: [day]
  properties: { delta.appendOnly: "true" }
trigger: availableNow
limits: { maxFilesPerTrigger: 10, maxBytesPerTrigger: 1g, maxRecordBytes: 1048576 }
engine: { memory: 4g, threads: 2, spill: 50 GB }
`);
  assert.equal(pipeline.name, "car-telemetry");
  assert.equal(pipeline.source.location, "/data/in/*.json");
  assert.equal(pipeline.source.onOverwrite, "append");
  assert.deepEqual(pipeline.schema.hints[1], { path: ["a", "b"], type: "double" });
  assert.equal(pipeline.table.location, "/tables/x");
  assert.deepEqual(pipeline.table.properties, { "delta.appendOnly": "true" });
  assert.equal(pipeline.limits.maxBytesPerTrigger, 1024 ** 3);
  assert.equal(pipeline.limits.maxRecordBytes, 1024 ** 2);
  assert.deepEqual(pipeline.engine, { memory: 4 * 1024 ** 3, threads: 2, spill: 50 * 1024 ** 3 });
});

test("how JSON lies in its files is said as a boolean or as text, where its records stand as a path", () => {
  for (const multiLine of ["true", '"true"']) {
    const { json } = pipelineOf(
      `${SHORTEST}json: { multiLine: ${multiLine}, jsonPath: "$.data['a.b'][*]" }`,
    ).formats;
    assert.deepEqual(json, {
      mode: "PERMISSIVE",
      encoding: "utf-8",
      multiLine: true,
      jsonPath: ["data", "a.b"],
    });
  }
  assert.equal(pipelineOf(`${SHORTEST}json: { multiLine: false }`).formats.json.multiLine, false);
});

test("explicit columns turn evolution into rescue", () => {
  const pipeline = pipelineOf(`${SHORTEST}schema: { columns: "id BIGINT NOT NULL" }\n`);
  assert.equal(pipeline.schema.evolutionMode, "rescue");
  assert.equal(pipeline.schema.columns?.fields[0]?.nullable, false);
});

test("every mode but none has a rescued column, which none has only where it is asked for", () => {
  const rescuedOf = (schema: string): string | undefined =>
    pipelineOf(`${SHORTEST}schema: { ${schema} }\n`).schema.rescuedDataColumn;
  for (const mode of ["addNewColumns", "rescue", "failOnNewColumns"])
    assert.equal(rescuedOf(`evolutionMode: ${mode}`), "_rescued_data");
  assert.equal(rescuedOf("evolutionMode: none"), undefined);
  assert.equal(rescuedOf("evolutionMode: none, rescuedDataColumn: rest"), "rest");
  assert.equal(
    pipelineOf(`${SHORTEST}schema: { columns: "a INT", evolutionMode: none }`).schema.evolutionMode,
    "none",
  );
});

test("provenance and keys of paths are columns, which a table can be partitioned by beside stated ones", () => {
  const pipeline = pipelineOf(
    `source: { location: a, partitionColumns: [year] }
table: { location: t, partitionBy: [year, src] }
schema: { columns: "v INT, year INT", provenance: [_metadata.file_name AS src, record_number] }
`,
  );
  assert.deepEqual(pipeline.source.partitionColumns, ["year"]);
  assert.deepEqual(pipeline.schema.provenance, [
    { column: "src", field: "file_name" },
    { column: "record_number", field: "record_number" },
  ]);
});

test("partitions may be computed from dates and times", () => {
  const { table } = pipelineOf(
    "source: { location: a }\ntable: { location: t, partitionBy: [city, date(at), hour(e.at) AS h] }\n",
  );
  assert.deepEqual(table.partitionBy, ["city", "at_date", "h"]);
  assert.deepEqual(table.computedColumns, [
    { name: "at_date", function: "date", of: ["at"] },
    { name: "h", function: "hour", of: ["e", "at"] },
  ]);
});

test("columns that Landfall fills need names of their own", () => {
  const text = `source: { location: a, partitionColumns: [day, "a b", Day] }
table: { location: t }
schema: { columns: "v INT, file_path STRING", provenance: [file_path, file_nme, batch_id AS DAY, ingest_time AS _rescued_data] }
`;
  assert.deepEqual(said(problemsOf(text)), [
    '1:48 source.partitionColumns[1] names "a b", which Spark refuses as a column\'s name',
    '3:71 schema.provenance[1] names "file_nme", which is none of file_path, file_name, file_size, file_modification_time, record_number, ingest_time, batch_id; did you mean file_name?',
  ]);
  assert.deepEqual(said(problemsOf(text.replace('"a b", ', "").replace("file_nme, ", ""))), [
    "1:48 source.partitionColumns names the column Day, which is the one for a key of the path",
    "3:60 schema.provenance fills the column file_path, which schema.columns takes from the data",
    "3:71 schema.provenance names the column DAY, which is the one for a key of the path",
    "3:88 schema.provenance names the column _rescued_data, which is the one for rescued values",
  ]);
});

test("hints give no other type to columns that Landfall fills", () => {
  const text = (hints: string): string => `source: { location: a }
table: { location: t }
json: { columnNameOfCorruptRecord: bad }
schema: { provenance: [file_size, record_number AS n], hints: "${hints}" }
`;
  assert.deepEqual(said(problemsOf(text("id INT, BAD INT, file_size INT, n.x INT, _rescued_data BINARY"))), [
    "4:63 schema.hints says file_size INT, and file_size is the column that schema.provenance fills: it is BIGINT",
    "4:63 schema.hints says n.x INT, and n is the column that schema.provenance fills: it is BIGINT",
    "4:63 schema.hints says BAD INT, and bad is the column that json.columnNameOfCorruptRecord fills: it is STRING",
    "4:63 schema.hints says _rescued_data BINARY, and _rescued_data is the column that schema.rescuedDataColumn fills: it is STRING",
  ]);
  pipelineOf(text("bad STRING, file_size BIGINT, N BIGINT, _rescued_data STRING"));
});

test("a column for records that cannot be read holds only with PERMISSIVE, under a name of its own", () => {
  const place = "source: { location: a }\ntable: { location: t";
  const text = `${place}, partitionBy: [Broken, date(at) AS broken] }
json: { columnNameOfCorruptRecord: broken, mode: FAILFAST }
csv: { mode: DROPMALFORMED, columnNameOfCorruptRecord: _rescued_data }
schema: { columns: "broken STRING, at TIMESTAMP" }
`;
  assert.deepEqual(said(problemsOf(text)), [
    "2:37 table.partitionBy names Broken, the column for records that cannot be read",
    "2:45 table.partitionBy names the column broken twice",
    "3:9 json.columnNameOfCorruptRecord keeps records that cannot be read as rows, and json.mode: FAILFAST fails the batch over them",
    "3:36 json.columnNameOfCorruptRecord fills the column broken, which schema.columns takes from the data",
    "4:29 csv.columnNameOfCorruptRecord keeps records that cannot be read as rows, and csv.mode: DROPMALFORMED drops them",
    "4:56 csv.columnNameOfCorruptRecord names the column _rescued_data, which is the one for rescued values",
  ]);
  assert.deepEqual(
    said(
      problemsOf(
        `${place} }\njson: { columnNameOfCorruptRecord: "a b" }\ncsv: { columnNameOfCorruptRecord: "" }`,
      ),
    ),
    [
      '3:36 json.columnNameOfCorruptRecord names "a b", which Spark refuses as a column\'s name',
      "4:35 csv.columnNameOfCorruptRecord must be a column name, not empty",
    ],
  );
  const both = "{ columnNameOfCorruptRecord: broken }";
  assert.equal(
    pipelineOf(`${place} }\njson: ${both}\ncsv: ${both}`).formats.csv.columnNameOfCorruptRecord,
    "broken",
  );
});

test("a section whose keys are all commented out is an empty one", () => {
  assert.equal(pipelineOf(`${SHORTEST}limits:\n  # maxDepth: 3\n`).limits.maxDepth, 40);
});

test("an instant has a day that is one, and is in UTC where it has no zone", () => {
  const after = (text: string): number | undefined =>
    pipelineOf(`source: { location: in, modifiedAfter: "${text}" }\ntable: { location: out }\n`).source
      .modifiedAfter;
  assert.equal(after("2026-01-31"), Date.UTC(2026, 0, 31));
  assert.equal(after("2026-01-31 04:05"), Date.UTC(2026, 0, 31, 4, 5));
  assert.equal(after("2026-01-31T04:05:06.789+02:00"), Date.UTC(2026, 0, 31, 2, 5, 6, 789));
  for (const text of ["2026-02-30", "yesterday", "2026-01-31T25:00:00Z", "31.1.2026"]) {
    const [problem] = problemsOf(
      `source: { location: in, modifiedAfter: "${text}" }\ntable: { location: out }\n`,
    );
    assert.match(problem?.message ?? "", /source.modifiedAfter must be an instant such as/, text);
  }
});

test("an option of Auto Loader or Spark that has none here says what holds in its place", () => {
  for (const [text, hint] of [
    ["json: { allowSingleQuotes: true }", /RFC 8259/],
    ["xml: { charset: latin1 }", /says its encoding itself/],
    ["csv: { inferSchema: true }", /inferred from every row/],
  ] as const)
    assert.match(problemsOf(`${SHORTEST}${text}\n`)[0]?.hint ?? "", hint);
  const ofSource = (key: string): string | undefined =>
    problemsOf(`source: { location: in, ${key}: x }\ntable: { location: out }\n`)[0]?.hint;
  assert.match(ofSource("maxFileAge") ?? "", /for ever/);
  assert.match(ofSource("checkpointLocation") ?? "", /_landfall/);
});

test("Auto Loader's names are known with their prefix, too, and the keys of a section are listed as they are written", () => {
  const of = (key: string): ReturnType<typeof problemsOf>[number] | undefined =>
    problemsOf(`source: { location: in, ${key}: x }\ntable: { location: out }\n`)[0];
  assert.match(of("cloudFiles.maxFileAge")?.hint ?? "", /for ever/);
  assert.equal(of("cloudFiles.schemaHints")?.didYouMean, "schema.hints");
  assert.equal(of("moveDestination")?.didYouMean, "source.cleanSource.moveDestination");
  assert.match(of("quite_something_else")?.hint ?? "", /cleanSource, cleanSource\.retentionDuration/);
});

test("a file that is no text is told once", () => {
  const problems = problemsOf("PAR1\0\u0015\0: }\n\0- [\n");
  assert.deepEqual(
    problems.map(({ message }) => message),
    ["the file is no text; a declaration is YAML"],
  );
});

test("a byte order mark, Windows line ends and plain aliases are read", () => {
  const text = `\uFEFFsource: { location: &here a }\r\ntable:\r\n  location: b\r\n  partitionBy: [*here]\r\n`;
  assert.deepEqual(pipelineOf(text).table.partitionBy, ["a"]);
});

test("leading .. are folded into the file's folder, later ones are left to the file system", () => {
  const locations: Readonly<Record<string, string>> = {
    "../../../x": "/x",
    "..": "/",
    ".": "/base",
    "./a//b/./c/": "/base/a/b/c",
    "link/../x": "/base/link/../x",
    "/": "/",
    "//a/": "/a",
    "data/2024-*/": "/base/data/2024-*/",
  };
  for (const [written, expected] of Object.entries(locations)) {
    const text = `source: { location: "${written}" }\ntable: { location: t }\n`;
    assert.equal(pipelineOf(text).source.location, expected, written);
  }
});

test("all mistakes of a file are reported together, each at its place, with what was probably meant", () => {
  const text = `sorce:
  location: in
source:
  locaton: in
  format: jsn
  recursiveFileLookup: yes
schema:
  columns: "id BIGNT, at TIMESTAMP"
  timeZone: Europe/Berln
table:
  location: s3://bucket/x
  partitionBy: day
  properties: { a: 1 }
limits:
  maxFilesPerTrigger: 0
  maxDepth: 2.5
  maxBytesPerTrigger: 10 parsecs
format: json
schemaHints: a INT
`;
  assert.deepEqual(said(problemsOf(text)), [
    '1:1 unknown key "sorce"; did you mean source?',
    '4:3 unknown key "locaton" in source; did you mean location?',
    `5:11 source.format must be one of ${FORMATS.join(", ")}, not the text "jsn"; did you mean json?`,
    '6:24 source.recursiveFileLookup must be true or false, not the text "yes"; did you mean true?',
    '8:16 schema.columns cannot be read as DDL: unknown type "BIGNT"',
    '9:13 schema.timeZone "Europe/Berln" is no IANA time zone; did you mean Europe/Berlin?',
    "11:13 table.location is on s3://, which this version does not support",
    '12:16 table.partitionBy must be a list, not the text "day"; did you mean [day]?',
    "13:20 table.properties.a must be text, not the number 1",
    "15:23 limits.maxFilesPerTrigger must be at least 1, not the number 0",
    "16:13 limits.maxDepth must be a whole number, not the number 2.5",
    "17:23 limits.maxBytesPerTrigger must be a size above zero such as 10g, 512m or 1000000 (bytes)",
    '18:1 unknown key "format"; did you mean source.format?',
    '19:1 unknown key "schemaHints"; did you mean schema.hints?',
  ]);
});

test("rules keep the order in which they are written, and SQL that is no YAML by itself", () => {
  const text = `source: { location: in }
table: { location: out }
expect:
  z_first: id IS NOT NULL
  a-second: "kind IN ('a', 'b') -- two"
`;
  assert.deepEqual(pipelineOf(text).expect, [
    { name: "z_first", sql: "id IS NOT NULL" },
    { name: "a-second", sql: "kind IN ('a', 'b') -- two" },
  ]);
});

test("rules without a name or without SQL are refused", () => {
  const text = (rule: string): string =>
    `source: { location: in }\ntable: { location: out }\nexpect: { ${rule} }\n`;
  assert.match(said(problemsOf(text("2: a > 1"))).join(), /expect.*the first a letter/);
  assert.match(said(problemsOf(text("it's: a > 1"))).join(), /expect.*the first a letter/);
  assert.match(said(problemsOf(text("__proto__: a > 1"))).join(), /cannot be a rule's name/);
  assert.match(said(problemsOf(text("x: true"))).join(), /expect.x must be text, not true/);
  assert.match(said(problemsOf(text("x: ''"))).join(), /expect.x must be an SQL expression, not empty/);
});

const CSV = "source: { location: in, format: csv }\ntable: { location: t }\ncsv: {";

const REFUSED: readonly (readonly [text: string, ...expected: readonly string[]])[] = [
  [`${SHORTEST}toString: json`, '3:1 unknown key "toString"'],
  [": ---\n&a", '2:3 the key "" stands twice in one mapping'],
  [
    `source: { location: in, format: json }\ntable: { location: t }\ncsv: { sep: ";" }`,
    "3:1 csv states how csv files are read, and source.format is json",
  ],
  [
    `${SHORTEST}json: { multiLine: yes, jsonPath: "$.a[0]" }`,
    '3:20 json.multiLine must be one of auto, true, false, not the text "yes"',
    "3:35 json.jsonPath must be keys below $, such as $.data.items or $['a b'].items, without filters",
  ],
  [
    `${SHORTEST}json: { encoding: utf-7 }`,
    "3:19 json.encoding is no encoding that can be read: UTF-8, UTF-16, UTF-16LE, UTF-16BE, ISO-8859-1, windows-1252, Shift_JIS, GBK and others of the WHATWG's names",
  ],
  [
    `${SHORTEST}avro: { avroSchemaUrl: a.avsc }`,
    '3:9 unknown key "avroSchemaUrl" in avro; did you mean avroSchema?',
  ],
  [
    `${SHORTEST}avro: { avroSchema: '{"type": "array"}' }`,
    '3:21 avro.avroSchema must be the schema of a record: {"type": "record", …}',
  ],
  [
    `${SHORTEST}avro: { avroSchema: "{ type: record }" }`,
    "3:21 avro.avroSchema is no JSON text; the path of a file may stand in its place",
  ],
  [
    `${SHORTEST}json: { multiLine: false, jsonPath: $.a }`,
    "3:20 json.multiLine: false makes each line a record, and json.jsonPath looks for records inside documents",
  ],
  [
    `source: { location: in, format: csv }\ntable: { location: t }\ncsv: { sep: ab, heder: true }`,
    "3:13 csv.sep must be 1 to 8 characters, none of them a letter, digit, quote or line end; \\t for a tab",
    '3:17 unknown key "heder" in csv; did you mean header?',
  ],
  [
    `${CSV} quote: ab, escape: x, comment: "é", skipRows: -1, lineSep: ";", encoding: UTF-32, nanValue: "" }`,
    "3:15 csv.quote must be one punctuation character of ASCII, or the empty text for none",
    "3:27 csv.escape must be one punctuation character of ASCII, or the empty text for none",
    "3:39 csv.comment must be one punctuation character of ASCII, or the empty text for none",
    "3:54 csv.skipRows must be at least 0, not the number -1",
    "3:67 csv.lineSep must be \\n, \\r\\n or \\r, all of which end a record whichever is stated",
    "3:82 csv.encoding is no encoding that can be read: UTF-8, UTF-16, UTF-16LE, UTF-16BE, ISO-8859-1, windows-1252, Shift_JIS, GBK and others of the WHATWG's names",
    "3:100 csv.nanValue must not be empty",
  ],
  [
    `${CSV} sep: ";", quote: ";", comment: ";" }`,
    '3:25 csv.quote must differ from sep, which is ";"',
    '3:39 csv.comment must differ from sep, which is ";"',
    "3:39 csv.comment must differ from quote",
  ],
  [`${CSV} quote: "#", comment: "#" }`, "3:29 csv.comment must differ from quote"],
  [
    `${CSV} dateFormat: dd MMM yyyy, timestampFormat: HH:mm }`,
    "3:20 csv.dateFormat holds MMM, which is not read; known are yyyy, yy, M, MM, d, dd, H, HH, m, mm, s, ss, S to SSSSSSSSS, X, XX, XXX; other text goes in '…'",
    "3:50 csv.timestampFormat must name year, month and day outside of optional parts",
  ],
  [
    `${CSV} delimiter: ";", charset: UTF-8, maxColumns: 5, timeZone: UTC, maxCharsPerColumn: 5 }`,
    '3:8 unknown key "delimiter" in csv; did you mean csv.sep?',
    '3:24 unknown key "charset" in csv; did you mean csv.encoding?',
    '3:40 unknown key "maxColumns" in csv; did you mean limits.maxColumns?',
    '3:55 unknown key "timeZone" in csv; did you mean schema.timeZone?',
    '3:70 unknown key "maxCharsPerColumn" in csv; did you mean limits.maxRecordBytes?',
  ],
  [
    `${CSV} enforceSchema: false, inferSchema: true, locale: en-US }`,
    "3:8 csv.enforceSchema is no option here",
    "3:30 csv.inferSchema is no option here",
    "3:49 csv.locale is not supported by this version",
  ],
  ["{}", "1:1 source is missing", "1:1 table is missing"],
  ["source: {}\ntable: { location: t }", "1:1 source.location is missing"],
  ["source:\ntable: { location: t }", "1:1 source.location is missing"],
  ["source: { location: }\ntable: { location: t }", "1:11 source.location has no value"],
  ["source: in\ntable: { location: t }", '1:9 source must be a mapping of keys, not the text "in"'],
  ["source: { location: 3 }\ntable: { location: t }", "1:21 source.location must be text, not the number 3"],
  ['source: { location: " " }\ntable: { location: t }', "1:21 source.location must be a path, not empty"],
  [
    'source: { location: ~/x }\ntable: { location: "~" }',
    "1:21 source.location begins with ~, which only a shell replaces by the home folder",
    "2:20 table.location begins with ~, which only a shell replaces by the home folder",
  ],
  [
    'source: { location: "a\\0b" }\ntable: { location: t }',
    "1:21 source.location holds a NUL character, which no path does",
  ],
  [
    `pipeline: Big Name\n${SHORTEST}`,
    "1:11 pipeline must be 1 to 63 of the characters a-z, 0-9, _ and -, the first a letter or digit",
  ],
  [`pipeline: 7\n${SHORTEST}`, "1:11 pipeline must be text, not the number 7"],
  [
    `${SHORTEST}trigger: availablenow`,
    '3:10 trigger must be availableNow, continuous, { every: 30s } or { cron: "0 6 * * *", timeZone: Europe/Berlin }, not the text "availablenow"; did you mean availableNow?',
  ],
  [`${SHORTEST}trigger: { every: 30 parsecs }`, '3:10 trigger has every: "30 parsecs", which is no duration'],
  [
    `${SHORTEST}trigger: { every: 1ms }`,
    "3:10 trigger has every: 1ms; it takes 100 ms at least and a year at most",
  ],
  [
    `${SHORTEST}trigger: { evry: 1s }`,
    '3:10 trigger must be availableNow, continuous, { every: 30s } or { cron: "0 6 * * *", timeZone: Europe/Berlin }, not a mapping of keys',
  ],
  [
    `${SHORTEST}trigger: { cron: "0 0 30 2 *" }`,
    '3:10 trigger has cron: "0 0 30 2 *", a time that never comes',
  ],
  [
    `${SHORTEST}trigger: { cron: "0 6 * * *", timeZone: Europe/Berln }`,
    '3:10 trigger has timeZone: "Europe/Berln" is no IANA time zone; did you mean Europe/Berlin?',
  ],
  [`${SHORTEST}schema: { timeZone: "+02:00" }`, '3:21 schema.timeZone "+02:00" is no IANA time zone'],
  [
    `${SHORTEST}schema: { rescuedDataColumn: "" }`,
    "3:30 schema.rescuedDataColumn must be a column name, not empty",
  ],
  [
    `${SHORTEST}schema: { columns: a INT, hints: a INT }`,
    "3:27 schema.hints says nothing beside schema.columns, which states every type",
  ],
  [
    `${SHORTEST}schema: { columns: "a INT", evolutionMode: addNewColumns }`,
    "3:44 schema.evolutionMode: addNewColumns cannot hold beside schema.columns, which admits no other column",
  ],
  [
    `${SHORTEST}schema: { columns: "a INT", evolutionMode: addNewColumnsWithTypeWidening }`,
    "3:44 schema.evolutionMode: addNewColumnsWithTypeWidening cannot hold beside schema.columns, which admits no other column",
  ],
  [
    `${SHORTEST}schema: { columns: "_Rescued_Data STRING" }`,
    "3:20 schema.columns names _rescued_data, the column for rescued values",
  ],
  [
    'source: { location: a }\ntable: { location: t, partitionBy: [date(at), "date(at)", year(id), day(no), hour(on), year(at) AS id, month(at) AS _rescued_data] }\nschema: { columns: "id INT, at TIMESTAMP, on DATE" }',
    "2:47 table.partitionBy names the column at_date twice",
    "2:59 table.partitionBy: year takes a date or a time, and id is none",
    "2:69 table.partitionBy: schema.columns has no column no",
    "2:78 table.partitionBy: hour takes a time, and on is none",
    "2:88 table.partitionBy computes the column id, which is there already",
    "2:104 table.partitionBy computes the column _rescued_data, which is there already",
  ],
  [
    `${SHORTEST}engine: { memory: -1 }`,
    "3:19 engine.memory must be a size above zero such as 10g, 512m or 1000000 (bytes)",
  ],
  [`${SHORTEST}engine: { threads: [] }`, "3:20 engine.threads must be a whole number, not a list"],
  [
    `${SHORTEST}engine: { memory: true }`,
    "3:19 engine.memory must be a size such as 10g, 512m or 1000000 (bytes), not true",
  ],
  [
    `${SHORTEST}limits: { maxDepth: 99999999999999999999 }`,
    "3:21 limits.maxDepth must be at most 9007199254740991, not the number 100000000000000000000",
  ],
  [`${SHORTEST}<<: { engine: {} }`, "3:1 merge keys (<<) are not supported"],
  [`${SHORTEST}__proto__: { engine: {} }`, '3:1 unknown key "__proto__"'],
  [
    "source: { location: a, marker: { suffix: .done, flie: x } }\ntable: { location: t }",
    '1:49 unknown key "flie" in source.marker; did you mean file?',
  ],
  [
    "source: { location: a, marker: { suffix: .done, file: _SUCCESS } }\ntable: { location: t }",
    "1:32 source.marker must be one of { suffix: .done }, { extension: .done } and { file: _SUCCESS }",
  ],
  [
    "source: { location: a, marker: { file: done/_SUCCESS } }\ntable: { location: t }",
    `1:32 source.marker has file: "done/_SUCCESS", which is no file's name`,
  ],
  [
    "source: { location: a, backfill: { maxBytesPerDay: some } }\ntable: { location: t }",
    "1:52 source.backfill.maxBytesPerDay must be a size above zero such as 10g, 512m or 1000000 (bytes)",
  ],
  [
    'source: { location: a, ignore: ["x/*.tmp"] }\ntable: { location: t }',
    "1:33 source.ignore[0] is compared with the names of files and folders, which hold no /",
  ],
  [
    "source: { location: a, pathGlobFilter: x/*.json }\ntable: { location: t }",
    "1:40 source.pathGlobFilter is compared with file names, which hold no /",
  ],
  [
    "source: { location: a }\ntable: { location: t, partitionBy: [a, A] }",
    "2:40 table.partitionBy names the column A twice",
  ],
  [
    "source: { location: a }\ntable: { location: t, partitionBy: [bucket(at)] }",
    '2:37 table.partitionBy[0] holds the expression "bucket(at)", and only date, year, month, day, hour can be computed',
  ],
  [
    "source: { location: a }\ntable: { location: t, partitionBy: [_RESCUED_data] }",
    "2:37 table.partitionBy names _RESCUED_data, the column for rescued values",
  ],
  [
    'source: { location: a }\ntable: { location: t, partitionBy: [b, s] }\nschema: { columns: "s STRUCT<a: INT>" }',
    "2:37 table.partitionBy: schema.columns has no column b",
    "2:40 table.partitionBy: s is nested, and a table can be partitioned by plain values only",
  ],
  // A contradiction is said beside a mistake elsewhere.
  [
    "source: {}\ntable: { location: t, partitionBy: [a, a] }",
    "1:1 source.location is missing",
    "2:40 table.partitionBy names the column a twice",
  ],
];

for (const [text, ...expected] of REFUSED) {
  test(`the declaration ${JSON.stringify(text)} is refused`, () => {
    assert.deepEqual(said(problemsOf(text)), expected);
  });
}

const NOT_YAML: readonly (readonly [name: string, text: string, expected: RegExp])[] = [
  ["an empty file", "", /^1:1 the file holds no declaration$/],
  ["a file of comments", "# nothing\n", /^1:1 the file holds no declaration$/],
  ["a list", "- a\n", /^1:1 a declaration is a mapping of keys, not a list$/],
  ["a text", "hello", /^1:1 a declaration is a mapping of keys, not the text "hello"$/],
  ["a tab for indentation", "source:\n\tlocation: in\n", /^2:1 a tab is used to indent/],
  ["an open list", "source: [\n", /^2:1 Flow sequence/],
  ["an open quote", "source: 'in\n", /^2:1 Missing closing/],
  ["DDL without quotes", "schema:\n  columns: STRUCT<b: INT>\n", /^2:12 a key within a value$/],
  ["a backtick without quotes", "schema:\n  columns: `a b` INT\n", /^2:12 Plain value cannot start/],
  ["two documents", `${SHORTEST}---\n${SHORTEST}`, /^3:1 the file holds several documents/],
  ["an unknown tag", "source: !include other.yaml\n", /^1:9 Unresolved tag: !include$/],
  ["an alias without anchor", "source: *nothing\n", /^1:9 no anchor &nothing/],
  [
    "an alias inside its anchor",
    "source: &a { location: *a }\n",
    /^1:24 the alias \*a stands inside its own anchor$/,
  ],
  ["a billion laughs", billionLaughs(), /^1:1 the file cannot be read as YAML: Excessive alias count/],
  [
    "a file over the limit",
    `# ${"x".repeat(1024 * 1024)}\n${SHORTEST}`,
    /^1:1 the file is larger than 1 MiB$/,
  ],
];

function billionLaughs(): string {
  const levels = Array.from(
    { length: 9 },
    (_, level) => `x${level + 1}: &x${level + 1} [${Array(9).fill(`*x${level}`).join(", ")}]`,
  );
  return ["x0: &x0 [ha]", ...levels].join("\n");
}

for (const [name, text, expected] of NOT_YAML) {
  test(`${name} is refused with its place`, () => {
    const lines = said(problemsOf(text));
    assert.equal(lines.length, 1, lines.join("\n"));
    assert.match(lines[0]!, expected);
  });
}

test("values nested ten thousand deep are refused, not a crash", () => {
  for (const opening of ["[", "{a: ", "- ", "? "]) {
    assert.ok(problemsOf(opening.repeat(10_000)).length > 0, opening);
  }
});

test("a duplicate key is reported beside the other mistakes of the file", () => {
  assert.deepEqual(said(problemsOf("source: { location: a, location: b }\ntable: x\n")), [
    "1:24 the key location stands twice in one mapping",
    '2:8 table must be a mapping of keys, not the text "x"',
  ]);
});

test("every key and value that the design names and this version lacks is refused as such", () => {
  for (const [section, keys] of Object.entries(KEYS_NOT_YET)) {
    for (const key of keys) {
      const value: Record<string, unknown> = { source: { location: "a" }, table: { location: "t" } };
      if (section === "") value[key] = {};
      else value[section] = { ...(value[section] as object | undefined), [key]: "x" };
      const lines = said(problemsOf(JSON.stringify(value)));
      assert.equal(lines.length, 1);
      assert.match(
        lines[0]!,
        new RegExp(` ${section === "" ? "" : `${section}\\.`}${key} is not supported by this version$`),
      );
    }
  }
  for (const [key, values] of Object.entries(VALUES_NOT_YET)) {
    for (const value of Object.keys(values)) {
      const [section, name] = key.split(".");
      const line = name === undefined ? `${key}: ${value}\n` : "";
      const inner = (of: string): string =>
        of === section && name !== undefined ? `, ${name}: ${value}` : "";
      const schema = section === "schema" ? `schema: { timeZone: UTC${inner("schema")} }\n` : "";
      const text = `source: { location: a${inner("source")} }\ntable: { location: t }\n${schema}${line}`;
      const [problem] = problemsOf(text);
      assert.match(said([problem!])[0]!, /the text "\w+" is not supported by this version$/);
      assert.match(problem!.hint!, /^(?:Say|Write) /);
    }
  }
});

test("a mistake in a flag or variable names it and stands over the file; a good one wins over the file", () => {
  const read = (...overrides: { key: string; text: string; from: string }[]) =>
    readDeclaration({
      text: `${SHORTEST}limits: { maxDepth: x }\n`,
      file: "p",
      baseFolder: "/base",
      overrides,
    });
  assert.equal(read({ key: "limits.maxDepth", text: "7", from: "--max-depth" }).pipeline?.limits.maxDepth, 7);
  const wrong = read(
    { key: "limits.maxDepth", text: "7", from: "LANDFALL_MAX_DEPTH" },
    { key: "limits.maxDepth", text: "seven", from: "--max-depth" },
    { key: "table.partitionBy", text: "a,", from: "--partition-by" },
  );
  assert.deepEqual(said(wrong.problems ?? []), [
    "--partition-by table.partitionBy[1] must be a column name, not empty",
    '--max-depth limits.maxDepth must be a whole number, not the text "seven"',
  ]);
});

test("two locations and flags make a pipeline without a file", () => {
  const read = readOptions({
    source: "in",
    table: "/t",
    baseFolder: "/base",
    overrides: [
      { key: "source.recursiveFileLookup", text: "false", from: "--recursive-file-lookup" },
      { key: "table.properties", text: "delta.appendOnly=true,a=b=c", from: "--properties" },
    ],
  });
  assert.equal(read.pipeline?.source.location, "/base/in");
  assert.equal(read.pipeline?.source.recursiveFileLookup, false);
  assert.deepEqual(read.pipeline?.table.properties, { "delta.appendOnly": "true", a: "b=c" });
  const wrong = readOptions({ source: "s3://b/x", table: "t", baseFolder: "/base" });
  assert.match(said(wrong.problems ?? [])[0]!, /^<source> source.location is on s3:/);
});

test("problems are printed with the line, a caret, the suggestion and the hint", () => {
  const text = "source:\n\tlocation: in\n";
  const tabbed = formatProblems(problemsOf(text), { file: "p.yaml", text });
  assert.equal(tabbed.split("\n")[1], "  2 | \tlocation: in");
  const other = "source: { locaton: in }\ntable: { location: t, mode: merge }\n";
  assert.equal(
    formatProblems(problemsOf(other), { file: "p.yaml", text: other }),
    [
      'p.yaml:1:11  unknown key "locaton" in source; did you mean location?',
      "  1 | source: { locaton: in }",
      "    |           ^^^^^^^",
      "p.yaml:2:23  table.mode is not supported by this version",
      "  2 | table: { location: t, mode: merge }",
      "    |                       ^^^^",
      "  hint: Leave it out.",
    ].join("\n"),
  );
});

test("what is printed holds no control characters, no endless lines and no endless list", () => {
  const hostile = `"\u001b[31m\u202e": 1\n${SHORTEST}`;
  assert.doesNotMatch(formatProblems(problemsOf(hostile), { file: "p", text: hostile }), /[\u001b\u202e]/);
  const wide = `{ ${"a: 1, ".repeat(10)}${"x".repeat(5000)}: 1 }`;
  for (const line of formatProblems(problemsOf(wide), { file: "p", text: wide }).split("\n")) {
    assert.ok(line.length < 400, `${line.length}`);
  }
  const long = Array.from({ length: 300 }, (_, index) => `k${index}: 1`).join("\n");
  const printed = formatProblems(problemsOf(long), { file: "p", text: long });
  assert.match(printed, /… and 252 more$/);
});

const KEYS = declarationOptions().map((option) => option.key);
const SECTIONS = declarationSections()
  .map((section) => section.key)
  .filter((key) => key !== "");

/** A letter inserted, left out, replaced, or two neighbours swapped. */
const slip = fc.record({
  kind: fc.constantFrom("insert", "remove", "replace", "swap"),
  at: fc.nat(),
  letter: fc.string({ minLength: 1, maxLength: 1, unit: fc.constantFrom(..."aeinostxzAEZ09_".split("")) }),
});

function misspelt(key: string, { kind, at, letter }: { kind: string; at: number; letter: string }): string {
  const place = at % key.length;
  const [before, after] = [key.slice(0, place), key.slice(place + 1)];
  if (kind === "insert") return before + letter + key.slice(place);
  if (kind === "remove") return before + after;
  if (kind === "replace") return before + letter + after;
  return before + (after[0] ?? "") + key[place]! + after.slice(1);
}

test("property: a single-character slip in any known key is reported at its line and the right key proposed", () => {
  fc.assert(
    fc.property(fc.constantFrom(...KEYS, ...SECTIONS), slip, fc.nat({ max: 5 }), (key, slip, blankLines) => {
      const section = key.includes(".") ? key.slice(0, key.indexOf(".")) : "";
      // What is written in a section may have a dot of its own: `autoCompact.maxFileSize`.
      const name = key.slice(section === "" ? 0 : section.length + 1);
      const wrong = misspelt(name, slip);
      const siblings = [...KEYS, ...SECTIONS].filter((other) =>
        other.startsWith(section === "" ? "" : `${section}.`),
      );
      const isAnother = siblings.some((other) => other === (section === "" ? wrong : `${section}.${wrong}`));
      fc.pre(wrong !== name && !isAnother);
      const lines = Array<string>(blankLines).fill("# a comment");
      lines.push(...(section === "" ? [`${wrong}: {}`] : [`${section}:`, `  ${wrong}: 1`]));
      for (const [other, location] of [
        ["source", "a"],
        ["table", "t"],
      ] as const) {
        if (other !== section && other !== key) lines.push(`${other}: { location: ${location} }`);
      }
      const found = problemsOf(lines.join("\n")).find((problem) => problem.message.startsWith("unknown key"));
      assert.deepEqual(found?.at, {
        line: blankLines + (section === "" ? 1 : 2),
        column: section === "" ? 1 : 3,
        length: wrong.length,
      });
      assert.equal(found.didYouMean, name);
    }),
    { numRuns: 1000 },
  );
});

test("property: any text is a pipeline or problems whose places lie in the text, and can be printed", () => {
  const word = fc.constantFrom(
    ...KEYS.map((key) => key.slice(key.indexOf(".") + 1)),
    ...SECTIONS,
    "x",
    "1",
    "&a",
    "*a",
    "<<",
    "!t",
    "~",
  );
  const mark = fc.constantFrom(
    ": ",
    "\n",
    "\n  ",
    "- ",
    "{",
    "}",
    "[",
    "]",
    ", ",
    "'",
    '"',
    "#",
    "|",
    ">",
    "---\n",
    "\t",
    "? ",
    "%",
  );
  const yaml = fc.array(fc.oneof(word, mark), { maxLength: 40 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), yaml, fc.json()), (text) => {
      const { problems } = readDeclaration({ text, file: "p", baseFolder: "/base" });
      const count = text.split("\n").length;
      for (const { at } of problems ?? []) {
        assert.ok("line" in at && at.line >= 1 && at.line <= count && at.column >= 1 && at.length >= 1);
      }
      assert.equal(typeof formatProblems(problems ?? [], { file: "p", text }), "string");
    }),
    { numRuns: 300 },
  );
});

test("XML needs its row tag, and options of text stand as they are meant", () => {
  const xml = "source: { location: a, format: xml }\ntable: { location: t }\n";
  assert.match(said(problemsOf(xml))[0]!, /^1:32 source\.format: xml needs xml\.rowTag/);
  assert.equal(pipelineOf(`${xml}xml: { rowTag: "a:item" }\n`).formats.xml.rowTag, "a:item");
  assert.match(said(problemsOf(`${xml}xml: { rowTag: <item> }\n`))[0]!, /without < and >/);
  const validated = pipelineOf(`${xml}xml: { rowTag: i, rowValidationXSDPath: a.xsd }\n`).formats.xml;
  assert.equal(validated.rowValidationXSDPath, "/base/a.xsd");
  const text = `${SHORTEST}text: { lineSep: '\\r\\n' }\n`;
  assert.equal(pipelineOf(text).formats.text.lineSep, "\r\n");
});

test("what people write for true and false is no folder of the history", () => {
  const declared = (history: string): string =>
    `source: { location: /in }\ntable: { location: /t, history: ${history} }\n`;
  assert.deepEqual(said(problemsOf(declared("yes"))), [
    '2:33 table.history must be true, false or a folder, not the text "yes"; did you mean true?',
  ]);
  for (const word of ["no", "Off", '"false"', "y"])
    assert.match(said(problemsOf(declared(word)))[0] ?? "", /table\.history must be true, false or a folder/);
  for (const fine of ["true", "false", "./yes", "yes/history"]) {
    const { problems } = readDeclaration({ text: declared(fine), file: "p.yaml", baseFolder: "/" });
    assert.deepEqual(problems ?? [], [], fine);
  }
});
