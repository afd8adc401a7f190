/** Lines for differential tests: valid JSON of every kind, and the same with a few bytes changed. Seeded, so that a failure repeats. */

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Keys of random lines, as they are written. */
const KEYS = ["a", "b", "id", "ts", "soc", "A", "", "a.b", "é", "k\\n", "\\u0061", 'q\\"q', "__proto__"];

const SCALARS = [
  "null true false 0 -0 7 -128 128 1000 -32769 70000 2147483648 123456789012345 9007199254740992 9007199254740993",
  "9223372036854775807 -9223372036854775808 9223372036854775808 18446744073709551616 123456789012345678901234567890",
  "1.5 -0.0 1.10 0.1 3.141592653589793 0.1000000000000000055511151231257827 123456789012345.5 0.00000000000000000012",
  "1e3 1E-5 2.5e+10 1e400 1e-400 0e9 1.23456789012345678e5 12345678901234567890e0",
  '"" "x" "true" "7" "1.5" "\u00e9\u4e2d" "\ud83d\ude00" "\\ud83d\\ude00" "\\ud83d" "\\udc00x" "\\u00e9" "a\\nb" "\\"" "\\\\"',
  '"2024-01-02" "2024-02-29" "2023-02-29" "0000-01-01" "0001-01-01" "9999-12-31" "2024-13-01" "2024-1-2"',
  '"2024-01-02T03:04:05Z" "2024-01-02T03:04:05.123456Z" "2024-01-02T03:04:05.1234567Z" "2024-01-02T03:04:05"',
  '"2024-01-02T03:04:05+02:00" "2024-01-02T03:04:05-15:59" "2024-01-02T03:04:05+16:00" "2024-01-02T24:00:00Z"',
  '"2024-01-02T03:04:60Z" "2024-01-02T03:04Z" "2024-01-02t03:04:05Z" "2024-01-02T03:04:05.Z" "9999-12-31T00:00:00-01:00"',
]
  .join(" ")
  .split(" ")
  .concat('"2024-01-02 03:04:05.5"', '"2024-01-02 03:04:05z"', '"\\u0032024-01-02"');

export type Random = () => number;

function pick<T>(random: Random, items: readonly T[]): T {
  return items[Math.floor(random() * items.length)]!;
}

function blank(random: Random): string {
  return random() < 0.85 ? "" : pick(random, [" ", "  ", "\t", "\r", " \t"]);
}

function value(random: Random, depth: number): string {
  const kind = random();
  if (depth > 4 || kind < 0.7) return pick(random, SCALARS);
  if (kind < 0.85) return object(random, depth + 1);
  const items = Array.from({ length: Math.floor(random() * 4) }, () => value(random, depth + 1));
  return `[${blank(random)}${items.join(`${blank(random)},${blank(random)}`)}${blank(random)}]`;
}

function object(random: Random, depth: number): string {
  const members = Array.from(
    { length: Math.floor(random() * 5) },
    () => `"${pick(random, KEYS)}"${blank(random)}:${blank(random)}${value(random, depth)}`,
  );
  return `{${blank(random)}${members.join(`${blank(random)},${blank(random)}`)}${blank(random)}}`;
}

const BYTES = Buffer.from('{}[]",:\\eE+-.0123456789tfnulN/u \t\r\u0000\u001f\u007f');

/** The keys of random rows. */
export const RANDOM_KEYS = [
  "id",
  "ts",
  "a",
  "soc",
  "a longer key than sixteen bytes",
  "é",
  "nested",
  "list",
  "ratio",
  "x",
];

/** What a column of a row usually holds; now and then it is something else. */
const COLUMNS: readonly ((random: Random) => string)[] = [
  (random) => String(Math.floor(random() * 10 ** Math.floor(random() * 19)) - (random() < 0.3 ? 5 : 0)),
  (random) => `"${randomTimestamp(random)}"`,
  (random) => `"${"text with é and so on, of any length".slice(0, Math.floor(random() * 37))}"`,
  (random) => (random() * 200 - 100).toFixed(Math.floor(random() * 9)),
  (random) => pick(random, ["true", "false", "null"]),
  (random) =>
    pick(random, ['"a\\nb"', '"\\u00e9\\ud83d\\ude00 and more text behind it"', '"\\\\"', '"plain"']),
  (random) => `{"id":${Math.floor(random() * 300)},"x":${random() < 0.5 ? random() : '"2024-01-02"'}}`,
  (random) =>
    `[${Array.from({ length: Math.floor(random() * 4) }, () => Math.floor(random() * 70_000)).join(",")}]`,
  (random) => String(random() * 10 ** Math.floor(random() * 25)),
  (random) => value(random, 3),
];

function randomTimestamp(random: Random): string {
  const zone = pick(random, ["Z", "Z", "", "+02:00", "-15:59", "+16:00", "z", "Z "]);
  const instant = new Date(Math.floor((random() * 400 - 200) * 365.25 * 864e5) + 1.7e12).toISOString();
  const text = instant.slice(0, pick(random, [10, 19, 19, 23, 23, 23]));
  const moment = text.length === 10 ? text : `${text}${pick(random, ["", "", "456", "4567", "."])}${zone}`;
  if (random() < 0.8) return moment;
  const at = Math.floor(random() * moment.length);
  return moment.slice(0, at) + pick(random, "0 1 2 3 9 - : . T Z +".split(" ")) + moment.slice(at + 1);
}

/** One line of a table: the same keys in the same order, some missing, some with a value of another kind. */
export function randomRow(random: Random): Buffer {
  const gap = random() < 0.9 ? "" : " ";
  const members = RANDOM_KEYS.flatMap((key, i) => {
    if (random() < 0.1) return [];
    const column = random() < 0.95 ? COLUMNS[i]! : pick(random, COLUMNS);
    return [`"${key}":${gap}${column(random)}`];
  });
  if (random() < 0.1) members.reverse();
  return Buffer.from(`{${members.join(`,${gap}`)}}`);
}

/** One line without a newline: an object, or any JSON value, or one of them with up to three bytes changed, cut or doubled. */
export function randomLine(random: Random): Buffer {
  let line = Buffer.from(random() < 0.95 ? object(random, 0) : value(random, 0));
  if (random() < 0.5) return line;
  for (let i = Math.ceil(random() * 3); i > 0 && line.length > 0; i--) {
    const at = Math.floor(random() * line.length);
    const kind = random();
    const byte = random() < 0.9 ? pick(random, [...BYTES]) : Math.floor(random() * 256);
    if (kind < 0.4) line[at] = byte === 10 ? 32 : byte;
    else if (kind < 0.6) line = Buffer.concat([line.subarray(0, at), line.subarray(at + 1)]);
    else if (kind < 0.8) line = Buffer.concat([line.subarray(0, at), line.subarray(Math.max(0, at - 1))]);
    else if (kind < 0.9) line = Buffer.from(line.subarray(0, at));
    else
      line = Buffer.concat([line.subarray(0, at), Buffer.from([byte === 10 ? 32 : byte]), line.subarray(at)]);
  }
  return line;
}
