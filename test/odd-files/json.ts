/** Odd JSON. */
import { DEFAULT_FORMAT_OPTIONS } from "../../src/formats/format-options.ts";
import { bzip2Of, gzipOf, zstdOf, type OddFile } from "./odd-file.ts";

const json = (
  name: string,
  content: string | Buffer,
  more: Omit<Partial<OddFile>, "name"> = {},
): OddFile => ({
  name,
  format: "json",
  content,
  ...more,
});

const lines = (...texts: readonly string[]): string => `${texts.join("\n")}\n`;
const utf16 = (text: string): Buffer => Buffer.from(`\uFEFF${text}`, "utf16le");

export const ODD_JSON: readonly OddFile[] = [
  // Layouts.
  json("0 bytes", ""),
  json("one newline", "\n"),
  json("blanks only", " \t\r\n \n"),
  json("no last newline", '{"a":1}\n{"a":2}'),
  json("CRLF", '{"a":1}\r\n{"a":2}\r\n'),
  json("lone CR as line end", '{"a":1}\r{"a":2}'),
  json("blank lines between", '\n{"a":1}\n\n \n{"a":2}\n\n'),
  json("a byte order mark", '\uFEFF{"a":1}\n'),
  json("a byte order mark in the middle", '{"a":1}\n\uFEFF{"a":2}\n'),
  json("an array", '[{"a":1},{"a":2}]'),
  json("an array over lines", '[\n  {"a":1},\n  {"a":2}\n]\n'),
  json("an empty array", "[]"),
  json("an array of values that are no objects", '[1,"x",null,[],{"a":1}]'),
  json("arrays one behind the other", '[{"a":1}][{"a":2}]'),
  json("a pretty-printed object", '{\n  "a": 1,\n  "b": {\n    "c": [1, 2]\n  }\n}\n'),
  json("pretty-printed objects one behind the other", '{\n"a":1\n}\n{\n"a":2\n}\n'),
  json("objects on one line", '{"a":1}{"a":2} {"a":3}'),
  json("an array that is cut", '[{"a":1},{"a":2'),
  json("a pretty-printed object that is cut", '{\n  "a": 1,\n'),
  json("a first line that is cut", '{"a":1\n{"a":2}\n'),
  json("a last line that is cut", '{"a":1}\n{"a":'),
  json("text after the object", '{"a":1} x\n{"a":2}\n'),
  json("a comma between lines", '{"a":1},\n{"a":2},\n'),
  json("no JSON at all", "hello\nworld\n"),
  json("CSV by mistake", "a,b\n1,2\n"),
  json("an HTML error page", "<html><body>503</body></html>\n"),
  json("top-level values that are no objects", '1\n"x"\nnull\ntrue\n[1]\n{"a":1}\n'),
  // Encodings.
  json("UTF-16 with a mark", utf16('{"a":"é"}\n')),
  json("UTF-16 that is cut", utf16('{"a":"é"}\n').subarray(0, -1)),
  json("invalid UTF-8 in a value", Buffer.from('{"a":"\xff"}\n{"a":"x"}\n', "latin1")),
  json("invalid UTF-8 in a key", Buffer.from('{"\xff":1}\n{"a":1}\n', "latin1")),
  json(
    "an overlong encoding",
    Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xc0, 0xaf, 0x22, 0x7d, 0x0a]),
  ),
  json("NUL between records", '{"a":1}\n\0{"a":2}\n'),
  json("NUL escaped in a value", lines('{"a":"x\\u0000y"}')),
  json("a raw control character in a string", '{"a":"x\ty"}\n{"a":"z"}\n'),
  json("a lone surrogate", lines('{"a":"\\ud800"}', '{"a":"x"}')),
  json("a surrogate pair and an emoji", lines('{"a":"\\ud83d\\ude00"}', '{"a":"😀"}')),
  json("U+2028 in a string", '{"a":"x\u2028y"}\n'),
  // Numbers.
  json(
    "the largest and the least 64-bit integer",
    lines('{"a":9223372036854775807}', '{"a":-9223372036854775808}'),
  ),
  json("one more than 64 bits", lines('{"a":1}', '{"a":9223372036854775808}')),
  json("30 digits", lines('{"a":123456789012345678901234567890}')),
  json("1.10 keeps its zero where it is text", lines('{"a":1.10}', '{"a":"x"}')),
  json("integers and fractions", lines('{"a":1}', '{"a":1.5}')),
  json("2^53 + 1 beside a fraction", lines('{"a":9007199254740993}', '{"a":1.5}')),
  json("1e400", lines('{"a":1e400}', '{"a":1}')),
  json("-0", lines('{"a":-0}', '{"a":-0.0}')),
  json("exponents", lines('{"a":1e3}', '{"a":1E-2}')),
  json("0.1 and a digit too many", lines('{"a":0.1}', '{"a":0.1000000000000000055}')),
  json("a leading zero", lines('{"a":01}', '{"a":1}')),
  json("a plus sign, a bare point", lines('{"a":+1}', '{"a":.5}', '{"a":5.}', '{"a":1}')),
  json("NaN and Infinity", lines('{"a":NaN}', '{"a":Infinity}', '{"a":1}')),
  // Kinds.
  json("a string where numbers were", lines('{"a":1}', '{"a":"x"}')),
  json("a number as text stays text", lines('{"a":"1"}', '{"a":"2"}')),
  json("booleans and their names", lines('{"a":true}', '{"a":"true"}')),
  json("an object where scalars were", lines('{"a":1}', '{"a":{"b":2}}')),
  json("an array where scalars were", lines('{"a":1}', '{"a":[1]}')),
  json("null, then a value", lines('{"a":null}', '{"a":1}')),
  json("only null", lines('{"a":null,"b":1}')),
  json("an empty object and an empty array", lines('{"a":{},"b":[],"c":1}')),
  json("empty records", lines("{}", "{}", '{"a":1}')),
  json("arrays of two kinds", lines('{"a":[1,"x",null]}')),
  json("arrays in arrays", lines('{"a":[[1],[2,3],[]]}')),
  json("structs in arrays that grow", lines('{"a":[{"x":1}]}', '{"a":[{"y":2},{"x":3,"y":4}]}')),
  // Times.
  json(
    "instants in three spellings",
    lines(
      '{"t":"2024-01-02T03:04:05Z"}',
      '{"t":"2024-01-02 03:04:05.5+02:00"}',
      '{"t":"2024-01-02T03:04:05"}',
    ),
  ),
  json("a date", lines('{"d":"2024-02-29"}')),
  json("February 30", lines('{"d":"2024-02-29"}', '{"d":"2024-02-30"}')),
  json("year 0 and year 10000", lines('{"d":"0001-01-01"}', '{"d":"0000-01-01"}', '{"d":"10000-01-01"}')),
  json("a leap second", lines('{"t":"2016-12-31T23:59:60Z"}', '{"t":"2016-12-31T23:59:59Z"}')),
  json("nanoseconds", lines('{"t":"2024-01-02T03:04:05.123456789Z"}', '{"t":"2024-01-02T03:04:05Z"}')),
  json("24:00", lines('{"t":"2024-01-02T24:00:00Z"}', '{"t":"2024-01-02T00:00:00Z"}')),
  json("a date among instants", lines('{"t":"2024-01-02"}', '{"t":"2024-01-02T00:00:00Z"}')),
  // Keys.
  json("a key twice", lines('{"a":1,"a":2}')),
  json("keys that differ by case", lines('{"a":1,"A":2}', '{"A":3}')),
  json("the empty key", lines('{"":1,"a":2}')),
  json("keys with dots, quotes and blanks", lines('{"a.b":1,"c\\"d":2,"e f":3,"g`h":4}')),
  json("keys that Spark refuses made equal", lines('{"a b":1,"a;b":2,"a_b":3}')),
  json("an escaped key", lines('{"\\u0061":1}', '{"a":2}')),
  json("a key called like the rescued column", lines('{"_rescued_data":"x","a":1}')),
  json("a key called like what every object has", lines('{"__proto__":1,"constructor":2,"toString":3}')),
  json("a key of a thousand characters", lines(`{"${"k".repeat(1000)}":1}`)),
  // Sizes.
  json("nested deeper than the limit", lines(`${'{"a":'.repeat(150)}1${"}".repeat(150)}`, '{"a":{"a":1}}')),
  json("a record longer than the limit", lines(`{"a":"${"x".repeat(5000)}"}`, '{"a":"y"}'), {
    options: { maxRecordBytes: 1000 },
  }),
  json("a string of a megabyte", lines(`{"a":${JSON.stringify("é".repeat(524_288))}}`), {
    showsLengths: true,
  }),
  json(
    "600 columns",
    lines(JSON.stringify(Object.fromEntries(Array.from({ length: 600 }, (_, i) => [`c${i}`, i])))),
    { showsLengths: true },
  ),
  json(
    "broken records as rows, as stated",
    Buffer.from('{"a":1}\n{"a":\n\xff\r\n{"a":2,"broken":"x"}\n{"a":3', "latin1"),
    {
      options: {
        formats: {
          ...DEFAULT_FORMAT_OPTIONS,
          json: { ...DEFAULT_FORMAT_OPTIONS.json, columnNameOfCorruptRecord: "broken" },
        },
      },
    },
  ),
  // Compression.
  json("gzip under a plain name", gzipOf('{"a":1}\n')),
  json("two gzip members", Buffer.concat([gzipOf('{"a":1}\n'), gzipOf('{"a":2}\n')])),
  json("gzip with zeros behind it", Buffer.concat([gzipOf('{"a":1}\n'), Buffer.alloc(512)])),
  json("gzip with rubbish behind it", Buffer.concat([gzipOf('{"a":1}\n'), Buffer.from("rubbish")])),
  json("gzip that is cut", gzipOf('{"a":1}\n{"a":2}\n').subarray(0, -6)),
  json("gzip with a wrong checksum", withWrongChecksum(gzipOf('{"a":1}\n'))),
  json("an empty gzip", gzipOf("")),
  json("zstd", zstdOf('{"a":1}\n')),
  json("zstd that is cut", zstdOf('{"a":1}\n').subarray(0, -2)),
  json("bzip2", bzip2Of(), { showsLengths: true }),
  json("plain bytes that are called .gz", '{"a":1}\n', { file: "plain.json.gz" }),
  json("gzip inside gzip", gzipOf(gzipOf('{"a":1}\n'))),
  json("gzip that grows a thousandfold", gzipOf(" ".repeat(40 * 1024 ** 2))),
];

function withWrongChecksum(packed: Buffer): Buffer {
  const wrong = Buffer.from(packed);
  wrong.writeUInt32LE((wrong.readUInt32LE(wrong.length - 8) ^ 1) >>> 0, wrong.length - 8);
  return wrong;
}
