/** Files that bzip2 itself has packed, for tests: Node cannot write them. */

const ROWS =
  "QlpoMTFBWSZTWWpgOAIAFLRZgAAQEAR/EDQgCApQA572E0lE9lphFSj/96qqf/qqgACmmRiYmIJPVVRgAAb0qqeU9QYnqAVNVQEx" +
  "Gm04GN6z4Mb/GNy2DcDG7jD9+bYoymxW2KzO/vx67555/O+OOOuuhW2qCgoK21QrbVBQUFbaoVtqgoKCttUK21QUFBW2qFbaoKCg" +
  "rbVC/1te/d3ju8evd3eO59UZWZWxQym2amyjKzKxlZlGysymysysNqY1DVjVjVjVhqw1DVtlbZW2VtsoNQ1DUNWNQasNWNWNTNQ1" +
  "MKYKMpsrMo2VmVjKzKMrMrbbUMrYoyjKZqG1DajajajajasbVmKYpimKwrMUYrCsKCmK2FbGrbVhQUwoK22oK21BQam2oUKFCmKY" +
  "rFYrFYrYoymUymVsoysytlVjaNY1YrUWisbRVjZWZWymVsrBRlYplMplbFbFYrFYrFMVgVFRUbGqKo2NixUCmamorKxWUaspqytq" +
  "LRRo0aNRqKKKKKjYxjEbFiIMaLKVRVVKrPhtsbbgY3IMbgY0Mb6LuSKcKEg1MBwBAA==";

const BLOCKS =
  "QlpoMTFBWSZTWRukOmcArZPZgAAQEAAgEAQgAAogAHBDAgTVUYaYlES4lESxKIl1KIlxKIliURL5KIl1KIliURLxigrJMprI3SHT" +
  "OAVsnswAAICAAQCAIQAAUQADghgQJqqMNMSiJcSiJYlES6lES4lESxKIl8lES6lESxKIl4xQVkmU1knq/Z0AHmX2YAAEBAAIBAEI" +
  "AAKIABwQwIE1VGGmRRQ5FFDIoodiihyKKGRRQ+iih2KKGRRQ8LuSKcKEg/ObWTA=";

const RUNS = "QlpoOTFBWSZTWYw7mxQAAALBAeQAP+AAgAAIIAAiPUQ9CAQAAM0rrlsh9E6KvZs8znCJggXWY86lYPi7kinChIRh3Nig";

const EMPTY = "QlpoORdyRThQkAAAAAA=";

function packedFile(base64: string, content: string): { readonly packed: Buffer; readonly content: Buffer } {
  return { packed: Buffer.from(base64, "base64"), content: Buffer.from(content) };
}

const rows = Array.from({ length: 200 }, (_, i) => `{"id":${i % 7},"s":"${"ab".repeat(i % 40)}"}\n`);
const runs = [3, 4, 5, 8, 255, 259, 260, 1000, 1].map((length, i) =>
  String.fromCodePoint(97 + i).repeat(length),
);

/** What was packed, with what it holds: `blocks` has several blocks, `runs` runs of every length that is a case of its own. */
export const BZIP2_FILES = {
  rows: packedFile(ROWS, rows.join("")),
  blocks: packedFile(BLOCKS, '{"id":1}\n'.repeat(30_000)),
  runs: packedFile(RUNS, runs.join("")),
  empty: packedFile(EMPTY, ""),
};
