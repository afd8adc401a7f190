/** What only a file can do: outlive its process, be damaged, be newer, be looked at while it is written, and take up room. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, open, readdir, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { isLandfallError, type LandfallError } from "../base/landfall-error.ts";
import { openDb } from "./db.ts";
import { MIGRATIONS } from "./ledger-schema.ts";
import type { Ledger, ManifestOutcome, Observation } from "./ledger.ts";
import { openSqliteLedger } from "./sqlite-ledger.ts";

function inFolder(name: string, run: (path: string, folder: string) => Promise<void>): void {
  test(`SQLite ledger: ${name}`, async () => {
    const folder = await mkdtemp(join(tmpdir(), "landfall-ledger-"));
    try {
      await run(join(folder, "ledger.db"), folder);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
}

async function withLedger<T>(
  options: Parameters<typeof openSqliteLedger>[0],
  run: (ledger: Ledger) => Promise<T>,
): Promise<T> {
  const ledger = await openSqliteLedger(options);
  try {
    return await run(ledger);
  } finally {
    await ledger.close();
  }
}

function listing(from: number, count: number): Observation[] {
  return Array.from({ length: count }, (_, i) => {
    const n = from + i;
    // As far apart as files of a day, in no order.
    const modifiedNs = String(1_700_000_000_000_000_000n + ((BigInt(n) * 7_919n) % 86_400n) * 1_000_000_007n);
    const size = 1000 + (n % 5000);
    const key = `year=2026/month=11/day=20/device-telemetry-export-${String(n).padStart(9, "0")}.json`;
    return { key: key.slice(-60), generation: `${size}-${modifiedNs}`, size, modifiedNs };
  });
}

const committed = (observation: Observation): ManifestOutcome => ({
  ...observation,
  state: "committed",
  counts: { bytes: observation.size, crc32: 4_000_000_000, read: 120, written: 120, rescued: 0, rejected: 0 },
});

async function ingest(ledger: Ledger, number: number, observations: readonly Observation[]): Promise<void> {
  const batchId = `batch-${number}`;
  await ledger.observe(observations, number);
  await ledger.plan({ number, batchId, at: number }, observations);
  await ledger.settle({
    number,
    batchId,
    version: number,
    at: number,
    outcomes: observations.map(committed),
  });
}

const failedWith =
  (code: LandfallError["code"], ...words: string[]) =>
  (error: unknown): boolean =>
    isLandfallError(error, code) && words.every((word) => `${error.message} ${error.hint}`.includes(word));

inFolder("what was confirmed is there after it is closed and opened again", async (path) => {
  const identity = { pipelineId: "p", name: "n", source: "/in" };
  const before = await withLedger({ path }, async (ledger) => {
    await ledger.setIdentity(identity);
    await ingest(ledger, 1, listing(0, 50));
    await ledger.observe(listing(50, 10), 9);
    return [await ledger.arrivals({}), await ledger.summary(), await ledger.batches(9)];
  });
  await withLedger({ path }, async (ledger) => {
    assert.deepEqual([await ledger.arrivals({}), await ledger.summary(), await ledger.batches(9)], before);
    assert.deepEqual(await ledger.identity(), identity);
  });
});

inFolder("the file and its log are for their owner only", async (path, folder) => {
  await withLedger({ path }, async (ledger) => {
    await ingest(ledger, 1, listing(0, 5));
    const names = await readdir(folder);
    assert.ok(names.length >= 2, names.join());
    for (const name of names) assert.equal((await stat(join(folder, name))).mode & 0o777, 0o600, name);
  });
});

inFolder(
  "a process killed while it settles leaves a whole ledger with all that it confirmed",
  async (path) => {
    const module = (name: string): string => JSON.stringify(new URL(name, import.meta.url).href);
    const script = `
    import { openSqliteLedger } from ${module("./sqlite-ledger.ts")};
    const ledger = await openSqliteLedger({ path: ${JSON.stringify(path)} });
    for (let number = 1; ; number++) {
      const items = Array.from({ length: 200 }, (_, i) => ({ key: number + "/" + i, generation: "5-9", size: 5, modifiedNs: "9" }));
      await ledger.observe(items, number);
      await ledger.plan({ number, batchId: "b" + number, at: number }, items);
      const counts = { bytes: 5, crc32: 1, read: 2, written: 2, rescued: 0, rejected: 0 };
      const outcomes = items.map((item) => ({ ...item, state: "committed", counts }));
      await ledger.settle({ number, batchId: "b" + number, version: number, at: number, outcomes });
      console.log(number);
    }`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script]);
    let confirmed = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      confirmed = Number(line);
      if (confirmed === 7) child.kill("SIGKILL");
    }
    if (child.signalCode === null) await once(child, "exit");
    await withLedger({ path }, async (ledger) => {
      const last = (await ledger.lastTakenIn())!.number;
      assert.ok(last >= confirmed && confirmed >= 7, `${last} of ${confirmed}`);
      const arrivals = await ledger.arrivals({});
      const count = (state: string): number => arrivals.filter((arrival) => arrival.state === state).length;
      assert.equal(count("committed"), last * 200);
      const { states, rows } = await ledger.summary();
      assert.equal(states.committed, last * 200);
      assert.equal(rows.read, last * 400);
      assert.equal(arrivals.length - count("committed"), (states.discovered ?? 0) + (states.claimed ?? 0));
      // Each claim belongs to a batch that recovery will meet.
      const open = await ledger.openBatches();
      assert.equal(open.length === 0 ? 0 : (await ledger.claimed(open[0]!.batchId)).length, count("claimed"));
      for (const { batchId } of open) await ledger.voidBatch(batchId, 1);
      await ingest(ledger, last + 1, listing(0, 5));
    });
  },
);

inFolder("a file of a newer Landfall is refused, naming both versions", async (path) => {
  const later = [...MIGRATIONS, "CREATE TABLE later(x) STRICT"].map((sql) =>
    sql.replace("later(x)", "later(x INTEGER)"),
  );
  await withLedger({ path, migrations: later }, async () => undefined);
  const known = String(MIGRATIONS.length);
  for (const readOnly of [false, true]) {
    await assert.rejects(
      openSqliteLedger({ path, readOnly }),
      failedWith("STATE_NEWER", `version ${later.length}`, `up to ${known}`, path),
    );
  }
});

inFolder("an older file is brought up in place after a copy beside it", async (path, folder) => {
  await withLedger({ path }, (ledger) => ingest(ledger, 1, listing(0, 20)));
  const later = [...MIGRATIONS, "CREATE TABLE later(x INTEGER) STRICT"];
  await assert.rejects(
    openSqliteLedger({ path, readOnly: true, migrations: later }),
    failedWith("LEDGER_FAILED", "once"),
  );
  for (let time = 0; time < 2; time++) {
    await withLedger({ path, migrations: later }, async (ledger) => {
      assert.equal((await ledger.summary()).states.committed, 20);
    });
  }
  const backup = join(folder, `ledger.db.v${MIGRATIONS.length}.bak`);
  assert.equal((await stat(backup)).mode & 0o777, 0o600);
  await withLedger({ path: backup, readOnly: true }, async (ledger) => {
    assert.equal((await ledger.summary()).states.committed, 20);
  });
});

inFolder("a migration that fails leaves the older file as it was", async (path) => {
  await withLedger({ path }, (ledger) => ingest(ledger, 1, listing(0, 20)));
  const broken = [
    ...MIGRATIONS,
    "CREATE TABLE half(x INTEGER) STRICT; CREATE TABLE arrivals(x INTEGER) STRICT;",
  ];
  await assert.rejects(
    openSqliteLedger({ path, migrations: broken }),
    failedWith("LEDGER_FAILED", "arrivals"),
  );
  await withLedger({ path }, async (ledger) => {
    assert.equal((await ledger.summary()).states.committed, 20);
  });
});

inFolder("a damaged file is named with the hint that it is rebuilt", async (path) => {
  const damaged = failedWith("LEDGER_FAILED", path, "Delete", "rebuilds");
  await writeFile(path, "this is no database, whatever its name says\n".repeat(200));
  await assert.rejects(openSqliteLedger({ path }), damaged);
  await rm(path);
  await withLedger({ path }, (ledger) => ingest(ledger, 1, listing(0, 2000)));
  const { size } = await stat(path);
  const file = await open(path, "r+");
  await file.write(Buffer.alloc(size - 8192, 0x5a), 0, size - 8192, 8192);
  await file.close();
  await assert.rejects(
    withLedger({ path }, async (ledger) => ledger.arrivals({})),
    damaged,
  );
  await truncate(path, 6000);
  await assert.rejects(
    withLedger({ path }, async (ledger) => ledger.arrivals({})),
    damaged,
  );
});

inFolder("somebody else's database is refused and not offered for deletion", async (path) => {
  const db = openDb({ path, readOnly: false, timeout: 0 });
  db.exec("CREATE TABLE theirs(x)");
  db.close();
  await assert.rejects(openSqliteLedger({ path }), (error) => {
    assert.ok(failedWith("LEDGER_FAILED", "no ledger of Landfall", "--state")(error));
    return !/delete/i.test((error as LandfallError).hint ?? "");
  });
});

inFolder("a reader looks on while a writer works, and changes nothing", async (path) => {
  await assert.rejects(openSqliteLedger({ path, readOnly: true }), failedWith("LEDGER_FAILED", path));
  await withLedger({ path }, async (writer) => {
    await ingest(writer, 1, listing(0, 10));
    await withLedger({ path, readOnly: true }, async (reader) => {
      assert.equal((await reader.summary()).states.committed, 10);
      const working = ingest(writer, 2, listing(10, 3000));
      const seen = new Set<number | undefined>();
      for (let look = 0; look < 20; look++) seen.add((await reader.summary()).states.committed);
      await working;
      assert.equal((await reader.summary()).states.committed, 3010);
      for (const count of seen) assert.ok(count === 10 || count === 3010, String(count));
      await assert.rejects(reader.observe(listing(5000, 1), 1), failedWith("LEDGER_FAILED"));
      await assert.rejects(reader.clear(), failedWith("LEDGER_FAILED"));
    });
  });
});

inFolder("a read connection of its own sees what was confirmed before", async (path) => {
  await withLedger({ path, readConnection: true }, async (ledger) => {
    await ingest(ledger, 1, listing(0, 10));
    assert.equal((await ledger.summary()).states.committed, 10);
    assert.equal((await ledger.arrivals({ limit: 3 })).length, 3);
  });
});

inFolder("an arrival takes at most 200 bytes, discovered or committed", async (path) => {
  const count = 100_000;
  const all = Array.from({ length: 10 }, (_, i) => listing(i * 10_000, 10_000));
  assert.equal(all[0]![0]!.key.length, 60);
  await withLedger({ path }, async (ledger) => {
    for (const chunk of all) await ledger.observe(chunk, 1_700_000_000_000);
  });
  const discovered = (await stat(path)).size / count;
  assert.ok(discovered <= 200, `${discovered} bytes discovered`);
  await withLedger({ path }, async (ledger) => {
    for (let number = 1; number <= 2; number++) {
      const ids = (await ledger.candidates(50_000)).map(({ key, generation, size, modifiedNs }) => ({
        key,
        generation,
        size,
        modifiedNs,
      }));
      await ledger.plan({ number, batchId: `b${number}`, at: 1_700_000_000_000 }, ids);
      const outcomes = ids.map(committed);
      await ledger.settle({
        number,
        batchId: `b${number}`,
        version: number,
        at: 1_700_000_000_000,
        outcomes,
      });
    }
    assert.equal((await ledger.summary()).states.committed, count);
  });
  const size = (await stat(path)).size / count;
  assert.ok(size <= 200, `${size} bytes committed`);
});
