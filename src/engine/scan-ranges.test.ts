import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import { csvFormats } from "../../test/support/csv-scans.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { encodePathBytes } from "../base/path-bytes.ts";
import { VALUE_CLASS } from "../schema/value-class.ts";
import { scanRanges } from "./scan-ranges.ts";
import type { JobFile, JobLimits, ScanJobResult } from "./scan/scan-jobs.ts";
import { scanPool } from "./scan/scan-pool.ts";
import type { StageContext, TextRequest } from "./stage-text.ts";

const LIMITS: JobLimits = {
  maxRecordBytes: 1000,
  maxDepth: 10,
  maxColumns: 100,
  maxPaths: 1000,
  maxExpansion: 200,
  maxExpandedBytes: 1e9,
};

const pool = scanPool({ threads: 3 });
after(() => pool.close());

interface Scans {
  readonly whole: ScanJobResult;
  readonly ranges: ScanJobResult | undefined;
}

/** The file by one thread and by three, with stretches of at least two bytes. */
async function scanBoth(folder: string, content: Buffer | string): Promise<Scans> {
  const path = join(folder, "rows.csv");
  writeFileSync(path, content);
  const size = Buffer.byteLength(content);
  const file: JobFile = { rank: 0, key: "rows.csv", path: encodePathBytes(path), size };
  const formats = csvFormats({});
  const [whole] = await pool.run([
    {
      kind: "scan",
      format: "csv",
      formats,
      files: [file],
      spillFolder: folder,
      gatherBelow: 0,
      countsDigits: false,
      limits: LIMITS,
    },
  ]);
  const context = { pool, signal: undefined } as unknown as StageContext;
  const request = { format: "csv", formats, prefersDecimal: false } as unknown as TextRequest;
  return {
    whole: whole!,
    ranges: await scanRanges(request, context, { limits: LIMITS, file, rangeBytes: 2 }),
  };
}

/** Which other classes stood beside a string changes nothing (csv-scanner.ts). */
function columnsOf({ trie }: ScanJobResult): unknown {
  const { STR, NULL } = VALUE_CLASS;
  return [...trie.fields].map(([name, { mask, first }]) => [
    name,
    first,
    (mask & STR) === 0 ? mask : mask & (STR | NULL),
  ]);
}

const HEADER = "id,name,at\n";

test("stretches of plain lines say together what one scan of the whole file says", async (t) => {
  const folder = temporaryFolder(t);
  const lines = Array.from(
    { length: 500 },
    (_, i) => `${i},${i % 7 === 0 ? '"a ""b"", c"' : "x"},2026-01-0${1 + (i % 9)}`,
  );
  for (const content of [
    `${HEADER}${lines.join("\n")}\n`,
    `${HEADER}${lines.join("\n")}`,
    `${HEADER}${lines.join("\n")}\n`.replaceAll("\n", "\r\n"),
    `${HEADER}1,${"ü".repeat(400)},\n2,x,\n3,y,2026-01-01\n`,
  ]) {
    const { whole, ranges } = await scanBoth(folder, content);
    assert.notEqual(whole.files[0]!.parts[0]!.plainCsv, undefined);
    assert.deepEqual(ranges, whole);
  }
});

test("what a stretch by itself cannot judge is left to a scan of the whole file", async (t) => {
  const folder = temporaryFolder(t);
  for (const content of [
    `${HEADER}1,"two\n${"3,x,\n".repeat(50)}lines",\n4,x,\n`,
    `${HEADER}${"1,x,\n".repeat(50)}2,x\n${"3,x,\n".repeat(50)}`,
    `${HEADER}${"1,x,\n".repeat(50)}${"2,x,\r\n".repeat(50)}`,
    `${HEADER}${"1,x,\n".repeat(50)}2,"open,\n`,
    `\n${HEADER}${"1,x,\n".repeat(50)}`,
    `"id",name,at\n${"1,x,\n".repeat(50)}`,
    Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(`${HEADER}${"1,x,\n".repeat(50)}`)]),
    Buffer.concat([Buffer.from(`${HEADER}${"1,x,\n".repeat(50)}`), Buffer.from([0xff, 0x2c, 0x2c, 0x0a])]),
    "",
    "id,name,at",
  ])
    assert.equal(
      (await scanBoth(folder, content)).ranges,
      undefined,
      JSON.stringify(String(content).slice(0, 40)),
    );
});

test("of any text the stretches say nothing, or what the whole file says", async (t) => {
  const folder = temporaryFolder(t);
  const field = fc.constantFrom(
    "",
    "1",
    "-2",
    "1.5",
    "x",
    '"q"',
    '"a,b"',
    '"line\nend"',
    '"',
    "2026-01-01",
    "true",
  );
  const line = fc.array(field, { minLength: 2, maxLength: 3 }).map((fields) => fields.join(","));
  const content = fc
    .tuple(
      fc.constantFrom("a,b\n", "a,b,c\n"),
      fc.array(line, { maxLength: 30 }),
      fc.constantFrom("\n", "\r\n"),
      fc.boolean(),
    )
    .map(([header, lines, end, isEnded]) => header + lines.join(end) + (isEnded ? end : ""));
  let same = 0;
  await fc.assert(
    fc.asyncProperty(content, async (text) => {
      const { whole, ranges } = await scanBoth(folder, text);
      if (ranges === undefined) return;
      same += 1;
      assert.deepEqual(ranges.files, whole.files);
      assert.deepEqual(columnsOf(ranges), columnsOf(whole));
    }),
    { numRuns: 400 },
  );
  assert.ok(same > 0);
});
