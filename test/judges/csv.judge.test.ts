/** What Python's csv module writes is read back field by field, and rough texts are taken apart as Python takes them apart. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decoding } from "../../src/engine/scan/decode-text.ts";
import type { CsvOptionsWritten } from "../../src/formats/csv-options.ts";
import { csvOptions, csvReasons, readCsv, scanCsv } from "../support/csv-scans.ts";
import { judgeMissing, startJudge } from "../support/judge.ts";

const skip = judgeMissing("inputs");
const SAMPLES = 500;
/** The same texts each time: a difference is found again. */
const seed = 20_260_301;

const cell = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.stringMatching(/^[a'"|,;\\\r\n 0-9]{0,8}$/),
  fc.constantFrom("", "1", "007", "NA", "é中😀", '"', "\\", '\\"', "'\\", "\r\n", " x ", "\ufeff"),
);

const tables = fc.record({
  rows: fc
    .integer({ min: 2, max: 5 })
    .chain((width) =>
      fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 10 }),
    ),
  lineEnd: fc.constantFrom("\n", "\r\n", "\r"),
  sep: fc.constantFrom(",", ";", "\t", "|", "¦"),
  quote: fc.constantFrom('"', "'"),
  // Python escapes outside of quotes too, which Spark does not read: with an escape all is quoted.
  style: fc.constantFrom(
    { quoting: "minimal" },
    { quoting: "all" },
    { quoting: "all", escape: "\\" },
    { quoting: "all", escape: "^" },
  ),
  // `utf-16` of Python has a mark, the others have none.
  encoding: fc.constantFrom("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"),
});

test(
  "tables that Python writes in random dialects and encodings come back field by field",
  { skip },
  async (t) => {
    const made = fc.sample(tables, { numRuns: SAMPLES, seed }).map(({ style, rows, ...rest }) => {
      // What cannot be encoded is no text; a mark is put there by the encoding alone.
      const texts = rows.map((row) => row.map((text) => text.toWellFormed()));
      // Of line ends Python quotes only those that it writes itself, and its own reader then finds more records.
      const all = texts.flat().some((text) => /[\r\n]/.test(text)) ? { quoting: "all" } : {};
      return { ...rest, ...style, ...all, rows: [texts[0]!.map((_, i) => `c${i}`), ...texts] };
    });
    const { files } = await startJudge("inputs", t).request<{ readonly files: readonly string[] }>({
      op: "csvWrite",
      tables: made,
    });
    for (const [i, table] of made.entries()) {
      const { sep, quote } = table;
      const escape = "escape" in table ? { escape: table.escape } : {};
      const written: CsvOptionsWritten = { sep, quote, ...escape, encoding: statedEncoding(table.encoding) };
      const text = inUtf8(Buffer.from(files[i]!, "base64"), csvOptions(written).encoding);
      const found = readCsv(text, written).map((row) => row.map((field) => field ?? ""));
      assert.deepEqual(found, table.rows, JSON.stringify(table));
    }
  },
);

/** Where nothing but a mark tells, nothing is stated. */
function statedEncoding(python: string): string {
  if (python === "utf-16-le") return "UTF-16LE";
  return python === "utf-16-be" ? "UTF-16BE" : "UTF-8";
}

function inUtf8(bytes: Buffer, encoding: string): Buffer {
  const parts: Buffer[] = [];
  const text = decoding(
    { feed: (part) => parts.push(Buffer.from(part)), finish: () => ({}) },
    { encoding, name: "t" },
  );
  text.feed(bytes, true);
  text.finish();
  return Buffer.concat(parts);
}

const rough = fc.record({
  text: fc
    .array(
      fc.constantFrom('"', '"', '""', "'", ",", ",", "|", "\n", "\r", "\r\n", "a", "1", " ", "é", "\\"),
      {
        maxLength: 40,
      },
    )
    .map((parts) => parts.join("")),
  sep: fc.constantFrom(",", "|"),
  quote: fc.constantFrom('"', "'", ""),
  skipInitialSpace: fc.boolean(),
});

test(
  "rough texts have the fields that Python finds, up to the first record that both call malformed",
  { skip },
  async (t) => {
    const texts = fc.sample(rough, { numRuns: SAMPLES * 4, seed }).map((text) => ({
      ...text,
      quoting: text.quote === "" ? "none" : "minimal",
    }));
    interface Answer {
      readonly rows: readonly (readonly string[])[];
      readonly error: string | null;
    }
    const judge = startJudge("inputs", t);
    const answer = await judge.request<{ readonly texts: readonly Answer[] }>({ op: "csvRead", texts });
    let broken = 0;
    for (const [i, { text, sep, quote, skipInitialSpace }] of texts.entries()) {
      const { rows, error } = answer.texts[i]!;
      const written = { sep, quote, header: false, ignoreLeadingWhiteSpace: skipInitialSpace };
      const expected = rows.filter((row) => row.length > 1 || (row[0] ?? "").trim() !== "");
      const [, ...found] = readCsv(text, written).map((row) => row.map((field) => field ?? ""));
      const records = found.filter((row) => row.length > 1 || row[0]!.trim() !== "");
      assert.deepEqual(records.slice(0, expected.length), expected, JSON.stringify(text));
      assert.equal(csvReasons(scanCsv(text, {}, written)).length > 0, error !== null, JSON.stringify(text));
      if (error === null) assert.equal(records.length, expected.length, JSON.stringify(text));
      else broken += 1;
    }
    assert.ok(broken > 50 && broken < texts.length / 2, `${broken} texts were malformed`);
  },
);
