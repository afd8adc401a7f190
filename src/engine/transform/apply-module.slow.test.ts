import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream, readFileSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { moduleRunner, type ModuleRun } from "../../../test/support/module-run.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import type { ErrorCode } from "../../base/error-codes.ts";
import { isLandfallError } from "../../base/landfall-error.ts";
import { moduleColumns } from "./apply-module.ts";
import { formatDdl } from "../../schema/format-ddl.ts";

const runner = moduleRunner();

/** A module with these columns, whose function has this body. */
function moduleOf(columns: string, body: string): string {
  return `export const columns = ${JSON.stringify(columns)};\nexport default async function (chunk) {\n${body}\n}\n`;
}

async function refused(run: ModuleRun, code: ErrorCode): Promise<string> {
  const error: unknown = await runner.apply(run).catch((each: unknown) => each);
  assert.ok(isLandfallError(error, code), String(error));
  assert.ok(error.hint !== undefined);
  return error.message;
}

test("a module's columns are read from its export, with types and comments", async () => {
  const columns = "id BIGINT NOT NULL, tags ARRAY<STRING>, price DECIMAL(10,2) COMMENT 'net'";
  assert.equal(formatDdl(await runner.columns({ source: moduleOf(columns, "return {}") })), columns);
});

test("each chunk goes through the module, and what it gives is written with the types that it states", async () => {
  const { rowsOut, rows, schema } = await runner.apply({
    source: moduleOf(
      "chunk INT, id BIGINT, twice INT, label STRING",
      "return { id: chunk.columns.id, chunk: Array(chunk.rows).fill(calls++), twice: chunk.columns.id.map((id) => id * 2n) };",
    ).concat("let calls = 0;\n"),
    select: "SELECT range AS id FROM range(25000)",
  });
  assert.equal(rowsOut, 25_000);
  assert.equal(formatDdl(schema), "chunk INT, id BIGINT, twice INT, label STRING");
  assert.deepEqual(
    rows.map(([, id]) => id),
    Array.from({ length: 25_000 }, (_, id) => BigInt(id)),
  );
  assert.ok(rows.every(([, id, twice, label]) => Number(id) * 2 === twice && label === null));
  assert.deepEqual([...new Set(rows.map(([chunk]) => chunk))], [0, 1, 2]);
});

test("a module may give more rows than it gets, fewer, or none", async () => {
  const more = moduleOf("i INT", "return { i: Array.from({ length: 100_000 }, (_, i) => i) };");
  assert.equal((await runner.apply({ source: more })).rowsOut, 100_000);
  const none = await runner.apply({ source: moduleOf("i INT, j STRING", "return {};") });
  assert.equal(none.rowsOut, 0);
  assert.deepEqual(none.rows, []);
});

test("for a batch without rows the function is not called, and the file has the columns", async () => {
  const { rowsOut, parquetPath } = await runner.apply({
    source: moduleOf("a MAP<STRING, STRUCT<b: DECIMAL(5,1)>>", "throw new Error('called');"),
    select: "SELECT 1::BIGINT AS id WHERE false",
  });
  assert.equal(rowsOut, 0);
  const columns = await (
    await runner.duckdb()
  ).columns(`SELECT * FROM read_parquet('${parquetPath}')`, "look");
  assert.deepEqual(
    columns.map(({ name, type }) => `${name} ${String(type)}`),
    ['a MAP(VARCHAR, STRUCT("b" DECIMAL(5,1)))'],
  );
});

test("a module sees values by their types, and columns by their names and no others", async () => {
  const look = `const { inspect } = await import("node:util");
    const { columns, rows } = chunk;
    return { seen: [inspect(Object.fromEntries(Object.entries(columns).map(([name, [value]]) => [name, value])), { depth: 5, breakLength: Infinity, sorted: true })
      + " " + rows + " " + (columns.toString === undefined)] };`;
  const { rows } = await runner.apply({
    source: moduleOf("seen STRING", look),
    select: `SELECT 1::TINYINT AS b, 2::BIGINT AS l, 0.5::FLOAT AS f, 1.5::DECIMAL(10,2) AS dec, DATE '2026-01-31' AS d, TIMESTAMPTZ '2026-01-31 04:05:06+01' AS i,
      TIMESTAMP '1969-12-31 23:59:59.5' AS n, '\\x00\\xFF'::BLOB AS bytes, {'x': [1, NULL]} AS s, MAP {'k': true} AS m, NULL::VARCHAR AS none`,
    schema:
      "b TINYINT, l BIGINT, f FLOAT, dec DECIMAL(10,2), d DATE, i TIMESTAMP, n TIMESTAMP_NTZ, bytes BINARY, s STRUCT<x: ARRAY<INT>>, m MAP<STRING, BOOLEAN>, none STRING",
  });
  assert.deepEqual(rows, [
    [
      "{ b: 1, bytes: Uint8Array(2) [ 0, 255 ], d: '2026-01-31', dec: '1.50', f: 0.5, i: '2026-01-31T03:05:06.000000Z', l: 2n, " +
        "m: Map(1) { 'k' => true }, n: '1969-12-31T23:59:59.500000', none: null, s: { x: [ 1, null ] } } 1 true",
    ],
  ]);
});

test("large rows go in pieces, so that neither process holds many of them", async () => {
  const { rows } = await runner.apply({
    source: moduleOf(
      "rows INT, text STRING",
      "return { rows: Array(chunk.rows).fill(chunk.rows), text: chunk.columns.text };",
    ),
    select: "SELECT repeat('x', 1_000_000) AS text FROM range(40)",
    schema: "text STRING",
  });
  assert.equal(rows.length, 40);
  assert.ok(rows.every(([count, text]) => Number(count) < 20 && String(text).length === 1_000_000));
});

test("rows beyond the engine's memory are spilled", async () => {
  const { rowsOut } = await small.apply({
    source: moduleOf(
      "text STRING",
      "return { text: chunk.columns.id.map((id) => String(id).repeat(2000)) };",
    ),
    select: "SELECT range + 10000 AS id FROM range(16000)",
    isRead: false,
  });
  assert.equal(rowsOut, 16_000);
});
const small = moduleRunner({ memoryBytes: 128 * 1024 ** 2 });

const UNUSABLE: readonly {
  readonly what: string;
  readonly source: string;
  readonly tells: RegExp;
  readonly file?: string;
}[] = [
  {
    what: "a syntax error",
    source: "export const columns = ;",
    tells: /cannot be loaded: SyntaxError.*\(transform\.ts:1\)|cannot be loaded: .*\(transform\.ts:1\)/,
  },
  {
    what: "a syntax error in JavaScript",
    file: "transform.mjs",
    source: "\nexport default (",
    tells: /cannot be loaded: SyntaxError: .* \(transform\.mjs:2\)/,
  },
  {
    what: "TypeScript that is not only types",
    source: "enum A { B }\nexport const columns = 'a INT';",
    tells: /cannot be loaded: .*enum/i,
  },
  {
    what: "a package that is not there",
    source: 'import "no-such-package";',
    tells: /cannot be loaded: .*no-such-package/,
  },
  {
    what: "an error while it is loaded",
    source: "\n\nthrow new TypeError('early');",
    tells: /cannot be loaded: TypeError: early \(transform\.ts:3\)/,
  },
  {
    what: "no default export",
    source: 'export const columns = "a INT";',
    tells: /no default export that is a function/,
  },
  {
    what: "a default export that is no function",
    source: 'export const columns = "a INT"; export default {};',
    tells: /function, but one of type object/,
  },
  { what: "no columns", source: "export default () => ({});", tells: /no export "columns" that is text\./ },
  {
    what: "columns that are no text",
    source: "export const columns = ['a INT']; export default () => ({});",
    tells: /text, but one of type object/,
  },
  {
    what: "columns that are no DDL",
    source: moduleOf("a INTT", ""),
    tells: /no list of columns: unknown type "INTT"\. Did you mean INT/,
  },
  { what: "no column", source: moduleOf("", ""), tells: /no list of columns/ },
  {
    what: "a field that no object can hold",
    source: moduleOf("a ARRAY<STRUCT<`__proto__`: INT>>", ""),
    tells: /column a .* "__proto__"/,
  },
];

for (const { what, tells, ...run } of UNUSABLE)
  test(`a module with ${what} is refused, by name and with the smallest right one`, async () => {
    const message = await refused(run, "TRANSFORM_INVALID");
    assert.match(message, /^The transform transform\.m?[jt]s /);
    assert.match(message, tells);
  });

test("a module that is not there is refused", async () => {
  const module = {
    kind: "module",
    name: "gone.ts",
    path: "/nowhere/gone.ts",
    timeLimitMs: 60_000,
    memoryBytes: 2 ** 28,
  } as const;
  await assert.rejects(moduleColumns(module, { signal: undefined }), { code: "TRANSFORM_INVALID" });
});

test("what a type takes besides its own form is taken exactly", async () => {
  const { rows } = await runner.apply({
    source: moduleOf(
      "a BIGINT, b TINYINT, c DECIMAL(10,2), d TIMESTAMP, e DATE, f MAP<STRING, INT>, g STRUCT<x: INT, y: INT>, h ARRAY<INT>, i BINARY, j INT",
      `return { a: [-5], b: [-128n], c: [12.5], d: [new Date("2026-01-31T03:04:05.006Z")], e: [new Date("2026-01-31")], f: [{ k: 1, __proto__: null }],
        g: [{ y: 2 }], h: [[1, , undefined]], i: [Buffer.from("hé")], j: [-0] };`,
    ),
    select: "SELECT 1::BIGINT AS id",
  });
  assert.equal(
    rows[0]!.map(String).join(" | "),
    "-5 | -128 | 12.50 | 2026-01-31 03:04:05.006+00 | 2026-01-31 | {'k': 1} | {'x': NULL, 'y': 2} | [1, NULL, NULL] | h\\xC3\\xA9 | 0",
  );
});

test("rows that the engine fails to read, however late, fail the whole, and the session goes on", async () => {
  const select =
    "SELECT CASE WHEN range = 99_999 THEN error('row 99999') ELSE range END AS id FROM range(100_000)";
  const source = moduleOf("id BIGINT", "return chunk.columns;");
  await assert.rejects(runner.apply({ source, select }), { code: "ENGINE_FAILED", message: /row 99999/ });
  const again = await runner.apply({
    source,
    select: "SELECT range AS id FROM range(100_000)",
    isRead: false,
  });
  assert.deepEqual([again.rowsIn, again.rowsOut], [100_000, 100_000]);
});

test("what no module can be given is told of, not changed", async () => {
  const source = moduleOf("a INT", "return {};");
  const far = await refused(
    { source, select: "SELECT TIMESTAMP '12026-01-01 00:00:00' AS at", schema: "at TIMESTAMP_NTZ" },
    "TRANSFORM_FAILED",
  );
  assert.match(far, /cannot be given column at, row 0 of a chunk: it lies outside of the years 1 to 9999/);
  await refused({ source, select: "SELECT 'infinity'::DATE AS at", schema: "at DATE" }, "TRANSFORM_FAILED");
  const twice = await refused(
    { source, select: "SELECT MAP {0.0::DOUBLE: 1, '-0.0'::DOUBLE: 2} AS m", schema: "m MAP<DOUBLE, INT>" },
    "TRANSFORM_FAILED",
  ).catch((error: unknown) => String(error));
  assert.match(twice, /a key twice|Map keys must be unique/);
});

test("a batch with a field that no object can hold is refused", async () => {
  const message = await refused(
    {
      source: moduleOf("a INT", "return {};"),
      select: `SELECT {'__proto__': 1} AS s`,
      schema: "s STRUCT<`__proto__`: INT>",
    },
    "TRANSFORM_INVALID",
  );
  assert.match(message, /in column s the batch has a field "__proto__"/);
});

test("what a module throws is told with its line", async () => {
  const thrown = await refused(
    { source: moduleOf("a INT", "\n  throw new RangeError('no id\\nmore');") },
    "TRANSFORM_FAILED",
  );
  assert.equal(thrown, "The transform transform.ts threw RangeError: no id (transform.ts:4).");
  const odd = await refused({ source: moduleOf("a INT", "throw { code: 7 };") }, "TRANSFORM_FAILED");
  assert.equal(odd, "The transform transform.ts threw { code: 7 }.");
  const hostile = "throw new Proxy(new Error('x'), { get() { throw 1; }, getPrototypeOf() { throw 2; } });";
  assert.match(
    await refused({ source: moduleOf("a INT", hostile) }, "TRANSFORM_FAILED"),
    /threw something that cannot be shown/,
  );
});

test("an error that is thrown outside of the function fails the batch", async () => {
  const late = moduleOf(
    "a INT",
    "setImmediate(() => { throw new Error('late'); }); await new Promise(() => setInterval(() => {}, 10));",
  );
  assert.match(
    await refused({ source: late }, "TRANSFORM_FAILED"),
    /threw Error: late \(transform\.ts:3\), outside of its function/,
  );
});

test("a module that ends its process, or waits for what never comes, fails the batch", async () => {
  assert.match(
    await refused({ source: moduleOf("a INT", "process.exit(0);") }, "TRANSFORM_FAILED"),
    /ended its process with code 0/,
  );
  assert.match(
    await refused({ source: moduleOf("a INT", "await new Promise(() => {});") }, "TRANSFORM_FAILED"),
    /never comes/,
  );
  assert.match(await refused({ source: "await new Promise(() => {});" }, "TRANSFORM_FAILED"), /never comes/);
  assert.match(
    await refused({ source: moduleOf("a INT", "process.kill(process.pid, 'SIGKILL');") }, "TRANSFORM_FAILED"),
    /was ended by SIGKILL/,
  );
});

const LOOPS: readonly (readonly [what: string, body: string])[] = [
  ["computes", "for (;;);"],
  ["waits with other work to do", "await new Promise(() => setInterval(() => {}, 1));"],
  ["blocks its thread", "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);"],
  [
    "waits for a program",
    "(await import('node:child_process')).execFileSync(process.execPath, ['-e', 'setTimeout(() => {}, 1500)']);",
  ],
];

for (const [what, body] of LOOPS)
  test(`a module that ${what} past its time is ended, with the limit's name in the hint`, async () => {
    const error = await runner.apply({ source: moduleOf("a INT", body), timeLimitMs: 300 }).then(
      () => undefined,
      (each: unknown) => each,
    );
    assert.ok(isLandfallError(error, "TRANSFORM_FAILED"));
    assert.match(error.message, /was not done within 300 ms/);
    assert.match(error.hint, /limits\.transformSeconds/);
  });

const HOARDS: readonly (readonly [what: string, body: string])[] = [
  ["objects", "const kept = []; for (;;) kept.push({ x: Math.random() });"],
  ["numbers in one array", "const kept = []; for (;;) kept.push(1);"],
  ["one large array", "return { a: new Array(3e7).fill(0.5) };"],
  ["text", "let kept = 'x'; for (;;) { kept += kept + Math.random(); kept.charCodeAt(0); }"],
  ["entries of a Map", "const kept = new Map(); for (let i = 0; ; i++) kept.set(i, i);"],
  ["buffers", "const kept = []; for (;;) kept.push(Buffer.alloc(1e7, 1));"],
];

for (const [what, body] of HOARDS)
  test(`a module that hoards ${what} is ended, with the limit's name in the hint, and the engine lives on`, async () => {
    const error = await runner.apply({ source: moduleOf("a INT", body), memoryBytes: 64 * 1024 ** 2 }).then(
      () => undefined,
      (each: unknown) => each,
    );
    assert.ok(isLandfallError(error, "TRANSFORM_FAILED"), String(error));
    assert.match(error.message, /needed more memory than 64\.0 MB/);
    assert.match(error.hint, /limits\.transformMemory/);
    assert.equal((await (await runner.duckdb()).rows("SELECT 1", "live")).length, 1);
  });

test("a signal ends the module at once, with the signal's reason", async (t) => {
  const folder = temporaryFolder(t);
  const sign = join(folder, "running");
  const abort = new AbortController();
  const source = moduleOf(
    "a INT",
    `(await import("node:fs")).writeFileSync(${JSON.stringify(sign)}, String(process.pid)); for (;;);`,
  );
  const watcher = watch(folder);
  const running = once(watcher, "change");
  const run = runner.apply({ source, signal: abort.signal });
  await running;
  watcher.close();
  const reason = new Error("stopped");
  abort.abort(reason);
  await assert.rejects(run, (error) => error === reason);
  const before = AbortSignal.abort(reason);
  await assert.rejects(runner.apply({ source, signal: before }), (error) => error === reason);
});

test("what a module prints stands on stderr, line by line, with its name and without control characters", async (t) => {
  const written: string[] = [];
  t.mock.method(process.stderr, "write", (text: string) => written.push(text) > 0);
  const out = t.mock.method(process.stdout, "write");
  const source = moduleOf(
    "a INT",
    `console.log("one\\n\\u001b[31mtwo"); process.stderr.write("three"); return {};`,
  );
  await runner.apply({ source });
  const printed = out.mock.calls.map((call) => String(call.arguments[0]));
  t.mock.restoreAll();
  assert.deepEqual(written.sort(), [
    "transform.ts: one\n",
    "transform.ts: three\n",
    "transform.ts: \uFFFD[31mtwo\n",
  ]);
  // The test runner reports on stdout meanwhile.
  assert.ok(printed.every((text) => !text.includes("[31mtwo")));
});

test("all that a module printed before it failed is told", async (t) => {
  const written: string[] = [];
  t.mock.method(process.stderr, "write", (text: string) => written.push(text) > 0);
  const body = "for (let i = 0; i < 2000; i++) console.log(i, 'x'.repeat(1000)); throw new Error('then');";
  await refused({ source: moduleOf("a INT", body) }, "TRANSFORM_FAILED");
  t.mock.restoreAll();
  assert.equal(written.length, 2000);
  assert.match(written.at(-1)!, /^transform\.ts: 1999 x+\n$/);
});

test("a module sees nothing of the program's environment, and its temporary files go into the batch's scratch folder", async () => {
  const look = `const os = await import("node:os"); const path = await import("node:path");
    return { seen: [Object.keys(process.env).join(), path.basename(os.tmpdir()), path.basename(process.cwd())] };`;
  const { rows } = await runner.apply({ source: moduleOf("seen STRING", look) });
  assert.deepEqual(rows, [["TMPDIR"], ["author"], ["scratch"]]);
});

test("a module in a loop ends with the process that started it", async (t) => {
  const folder = temporaryFolder(t);
  const fifo = join(folder, "fifo");
  execFileSync("mkfifo", [fifo]);
  const path = join(folder, "loop.mjs");
  writeFileSync(
    path,
    `import { openSync, writeSync } from "node:fs"; writeSync(openSync(${JSON.stringify(fifo)}, "w"), "running"); for (;;);`,
  );
  const module = { kind: "module", name: "loop.mjs", path, timeLimitMs: 600_000, memoryBytes: 2 ** 28 };
  const starter = spawn(
    process.execPath,
    [
      "--disable-warning=ExperimentalWarning",
      "--input-type=module",
      "-e",
      `const { moduleColumns } = await import(${JSON.stringify(import.meta.resolve("./apply-module.ts"))});
       await moduleColumns(${JSON.stringify(module)}, { signal: undefined });`,
    ],
    { stdio: "ignore" },
  );
  t.after(() => starter.kill("SIGKILL"));
  const stream = createReadStream(fifo);
  await once(stream, "data");
  const ended = once(stream, "end");
  starter.kill("SIGKILL");
  // The pipe's other end is closed by nothing but the end of the module's process.
  await ended;
});

test("the module of the reference page does what the page says", async () => {
  const page = readFileSync(new URL("../../../docs/reference/transform-module.md", import.meta.url), "utf8");
  const [, source] = /```ts\n(.*?)```/s.exec(page)!;
  const { rows } = await runner.apply({
    source: source!,
    file: "flatten.ts",
    select: `SELECT * FROM (VALUES (1::BIGINT, TIMESTAMPTZ '2026-01-31 23:00:00Z', 12.50::DECIMAL(10,2)), (2, NULL, NULL)) t(id, "at", gross)`,
    schema: "id BIGINT, at TIMESTAMP, gross DECIMAL(10,2)",
  });
  assert.deepEqual(
    rows.map((row) => row.map(String)),
    [
      ["1", "2026-01-31", "12.50", "['new']"],
      ["2", "null", "null", "['new']"],
    ],
  );
});
