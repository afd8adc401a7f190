/** The table of faults in docs/reference/verify.md, carried out: what it says is found is found, and nothing else. */
import assert from "node:assert/strict";
import { copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { systemClock } from "../../src/base/clock.ts";
import { duckdbEngine } from "../../src/engine/duckdb-engine.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { FINDING_CODES, type Finding } from "../../src/operate/verify/finding.ts";
import { verifyTable } from "../../src/operate/verify/verify.ts";
import { ingest, land, viewOf } from "../support/small-pipeline.ts";
import { PLANTED, WORDS, type Patient } from "./planted-faults.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../../docs/reference/verify.md"), "utf8");

let folder: string;
let pipeline: string;
let engine: Engine;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "landfall-verify-"));
  engine = duckdbEngine({
    memoryBytes: 512 * 1024 ** 2,
    threads: 1,
    spillFolder: join(folder, "spill"),
    spillBytes: 1024 ** 3,
  });
  const source = join(folder, "in");
  const table = join(folder, "healthy");
  const rows = (first: number, names: readonly string[]): string =>
    names.map((name, i) => `${JSON.stringify({ id: first + i, name, at: { lat: i / 4 } })}\n`).join("");
  land(source, { "a.json": rows(1, WORDS) });
  ({ pipeline } = await ingest({ source, table }));
  copyFileSync(join(table, "_landfall", pipeline, "ledger.db"), join(folder, "old-ledger.db"));
  land(source, { "b/b.json": rows(100, ["one", "two"]), "bad.json": '{"id":200}\n{broken\n' });
  await ingest({ source, table });
  land(source, { "c.json": rows(300, ["three"]), "dead.json": Buffer.from([0x1f, 0x8b, 0, 1, 2]) });
  await ingest({ source, table });
});

after(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

async function verify(table: string, look?: "data" | "source"): Promise<readonly Finding[]> {
  const view = viewOf({ table, engine, scratchFolder: folder });
  const result = await verifyTable(view, {
    clock: systemClock,
    ...(look === "data" ? { engine } : {}),
    ...(look === "source" ? { source: { engine } } : {}),
  });
  const faulty = result.findings.some((finding) => finding.level === "fault");
  assert.equal(result.verdict === "faulty", faulty);
  assert.equal(result.verdict === "proved", !result.findings.some((finding) => finding.level !== "note"));
  return result.findings;
}

/** Codes as the page writes them. */
function written(findings: readonly Finding[]): string[] {
  const levels = { fault: "", unprovable: " (not provable)", note: " (note)" };
  return [...new Set(findings.map(({ code, level }) => `\`${code}\`${levels[level]}`))].sort();
}

function rowsOfTable(heading: string): string[][] {
  const section = PAGE.slice(PAGE.indexOf(heading)).split("\n## ")[0]!;
  return section
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .slice(2)
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

const codesOf = (cell: string): string[] => (cell === "—" ? [] : cell.split(", ").sort());

test("a table that nobody touched is proved, by its names, by its data and by its inputs", async () => {
  const view = viewOf({ table: join(folder, "healthy"), engine, scratchFolder: folder });
  const result = await verifyTable(view, { clock: systemClock, engine, source: { engine } });
  assert.deepEqual(result.findings, []);
  assert.equal(result.verdict, "proved");
  assert.deepEqual(result.checked, {
    pipelines: 1,
    ledgers: 1,
    commits: 3,
    batches: 3,
    sourceFiles: 5,
    rows: 30,
    compactions: 0,
    dataFiles: 3,
    open: 0,
    read: { files: 3, rows: 30 },
    source: { files: 5, bytes: result.checked.source!.bytes, records: 31, rows: 30 },
  });
});

const FAULTS = rowsOfTable("## Which fault is found by what");

test("the page lists every planted fault once, and every code", () => {
  assert.deepEqual(FAULTS.map(([name]) => name!).sort(), Object.keys(PLANTED).sort());
  const explained = rowsOfTable("## What the codes mean").map(([code]) => code!.replaceAll("`", ""));
  assert.deepEqual(explained.sort(), [...FINDING_CODES].sort());
  const planted = new Set(
    FAULTS.flatMap(
      (row) =>
        row
          .slice(1)
          .join(" ")
          .match(/[A-Z_]{5,}/g) ?? [],
    ),
  );
  assert.deepEqual([...planted].sort(), [...FINDING_CODES].sort(), "every code has a fault that it finds");
});

// Most of their time they wait: for copies, for threads that open a ledger.
describe("planted", { concurrency: 4 }, () => {
  for (const [name, plain, besides, fromSource] of FAULTS) {
    test(name ?? "", async () => {
      const scratch = mkdtempSync(join(folder, "patient-"));
      const table = join(scratch, "table");
      const releasers: (() => Promise<void>)[] = [];
      cpSync(join(folder, "healthy"), table, { recursive: true });
      const patient: Patient = {
        table,
        pipeline,
        source: join(folder, "in"),
        oldLedger: join(folder, "old-ledger.db"),
        engine,
        scratch,
        after: (release) => releasers.push(release),
      };
      try {
        await PLANTED[name!]!(patient);
        const found = written(await verify(table));
        const withData = written(await verify(table, "data"));
        assert.deepEqual(found, codesOf(plain!), "verify");
        const more = withData.filter((code) => !found.includes(code));
        assert.deepEqual(more, codesOf(besides!), "verify --data, besides");
        for (const code of found) assert.ok(withData.includes(code), `${code} is lost with --data`);
        const withSource = written(await verify(table, "source"));
        const ofSource = withSource.filter((code) => !found.includes(code));
        assert.deepEqual(ofSource, codesOf(fromSource!), "verify --source, besides");
        for (const code of found) assert.ok(withSource.includes(code), `${code} is lost with --source`);
      } finally {
        for (const release of releasers) await release();
        rmSync(scratch, { recursive: true, force: true });
      }
    });
  }
});
