import assert from "node:assert/strict";
import { test } from "node:test";
import { type BenchReport, type Setting, isMet, section, table, withSection } from "./report.ts";

const SETTING: Setting = {
  machine: {
    date: "2026-11-21",
    cores: 2,
    cpu: "a CPU",
    memoryGb: 25,
    load: 0.1,
    fsyncMs: 1.25,
    versions: { Node: "24.21.0", DuckDB: "1.5.6" },
  },
  repeat: 3,
  scale: 1,
};

const REPORT: BenchReport = {
  name: "append",
  work: "Rows into a table.",
  figures: [
    { what: "time", unit: "s", ours: 1.534, peer: { name: "delta-rs", value: 2.9 }, bar: 0.75 },
    { what: "memory", unit: "MB", ours: 900.4, bar: 900 },
    { what: "told", unit: "ms", ours: 12.34 },
  ],
  stages: { list: 3.14, prepare: 0, write: 1200 },
  notes: ["A note."],
};

test("a section tells work, setting, each figure against its bar, stages and notes", () => {
  assert.equal(
    section(REPORT, SETTING),
    `## append

Rows into a table.

2026-11-21: 2 cores (a CPU), 25 GB, load 0.1 before it; fsync of a small file 1.25 ms; Node 24.21.0, DuckDB 1.5.6; medians of 3.

| measured | Landfall | peer            | ratio  | bar      | met |
| -------- | -------- | --------------- | ------ | -------- | --- |
| time     | 1.53 s   | delta-rs: 2.9 s | 0.53 × | ≤ 0.75 × | yes |
| memory   | 900 MB   |                 |        | ≤ 900 MB | no  |
| told     | 12.3 ms  |                 |        |          |     |

Of the median run, in milliseconds: list 3.1, write 1200.

- A note.
`,
  );
});

test("at another scale than 1 no bar is judged", () => {
  const text = section(REPORT, { ...SETTING, scale: 0.01 });
  assert.match(text, /medians of 3, scale 0.01/);
  assert.equal(text.match(/not judged/g)?.length, 2);
  assert.doesNotMatch(text, /\| (yes|no) /);
});

test("a bench that chose its own number of runs says so", () => {
  assert.match(section({ ...REPORT, runs: 11 }, SETTING), /medians of 11\./);
});

test("a bar is on the ratio where there is a peer, on the figure itself where there is none, and is met when equal", () => {
  assert.equal(isMet({ what: "", unit: "s", ours: 3, peer: { name: "", value: 4 }, bar: 0.75 }), true);
  assert.equal(isMet({ what: "", unit: "s", ours: 3, peer: { name: "", value: 4 }, bar: 0.74 }), false);
  assert.equal(isMet({ what: "", unit: "s", ours: 3, bar: 3 }), true);
  assert.equal(isMet({ what: "", unit: "s", ours: 3 }), undefined);
});

test("cells are padded to the widest, and a bar within a cell does not break the row", () => {
  assert.equal(
    table(["a", "bb"], [["long cell", "x|y"]]),
    String.raw`| a         | bb   |
| --------- | ---- |
| long cell | x\|y |`,
  );
});

test("a new section goes to the end of the page, an older one is replaced in its place", () => {
  const first = withSection("", "append", "## append\n\nold\n");
  assert.match(first, /^# Benchmarks\n/);
  const second = withSection(first, "append-more", "## append-more\n\nother\n");
  const third = withSection(second, "append", "## append\n\nnew\n");
  assert.equal(third, second.replace("old", "new"));
  assert.equal(withSection(third, "append", "## append\n\nnew\n"), third);
});
