import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Clock } from "../base/clock.ts";
import { isLandfallError } from "../base/landfall-error.ts";
import { thisHolder, type LeaseHolder } from "./lease-holder.ts";
import { acquireLease, lookAtLease } from "./lock.ts";

const START = 1_700_000_000_000;

function fixedClock(): Clock & { time: number } {
  const clock = { time: START, now: () => clock.time, sleep: async () => undefined };
  return clock;
}

function inFolder(
  name: string,
  run: (folder: string, clock: Clock & { time: number }) => Promise<void>,
): void {
  test(`lock: ${name}`, async () => {
    const folder = await mkdtemp(join(tmpdir(), "landfall-lock-"));
    try {
      await run(folder, fixedClock());
    } finally {
      await rm(folder, { recursive: true });
    }
  });
}

/** A lease that some other process left. */
async function plant(folder: string, holder: Partial<LeaseHolder>): Promise<void> {
  const path = join(folder, "lease.json");
  const record = { schemaVersion: 1, ...(await thisHolder()), token: "planted", since: START, ...holder };
  await writeFile(path, JSON.stringify(record));
  await utimes(path, START / 1000, START / 1000);
}

const held = (error: unknown): boolean => isLandfallError(error, "PIPELINE_HELD");

inFolder("a live holder is told, and since when", async (folder, clock) => {
  const lease = await acquireLease({ folder, clock });
  clock.time += 3_600_000;
  await assert.rejects(
    acquireLease({ folder, clock }),
    (error) =>
      held(error) && /in this same process, since 2023-11-14T22:13:20.000Z/.test((error as Error).message),
  );
  assert.equal(await lease.beat(), true);
  await lease.release();
  await lease.release();
  const next = await acquireLease({ folder, clock });
  await next.release();
  assert.deepEqual(await readdir(folder), ["lease.lock"]);
});

inFolder("a holder of this host that has died is superseded at once", async (folder, clock) => {
  await plant(folder, { pid: spawnSync(process.execPath, ["--version"]).pid });
  const lease = await acquireLease({ folder, clock });
  await lease.release();
});

inFolder("a process number that another process has now does not hold", async (folder, clock) => {
  await plant(folder, { startTime: "1" });
  const lease = await acquireLease({ folder, clock });
  await lease.release();
});

inFolder("a holder from before this machine's last start is superseded at once", async (folder, clock) => {
  await plant(folder, { bootId: "another" });
  const lease = await acquireLease({ folder, clock });
  await lease.release();
});

for (const [name, elsewhere] of [
  ["on another host", { host: "elsewhere" }],
  ["in another container", { pidNamespace: "pid:[1]", pid: 1 }],
] as const) {
  inFolder(`a holder ${name} is superseded after 60 s without a heartbeat`, async (folder, clock) => {
    await plant(folder, elsewhere);
    clock.time = START + 59_999;
    await assert.rejects(acquireLease({ folder, clock }), held);
    clock.time = START + 60_000;
    const lease = await acquireLease({ folder, clock });
    await lease.release();
  });
}

inFolder(
  "a heartbeat keeps the lease from another host, which is told who holds it",
  async (folder, clock) => {
    const lease = await acquireLease({ folder, clock, host: "one" });
    clock.time += 59_000;
    assert.equal(await lease.beat(), true);
    clock.time += 59_000;
    const who = `Process ${process.pid} on one holds it since 2023-11-14T22:13:20.000Z`;
    await assert.rejects(
      acquireLease({ folder, clock, host: "two" }),
      (error) => held(error) && (error as Error).message.includes(who),
    );
    await lease.release();
  },
);

inFolder(
  "a superseded holder learns it, and neither beats nor releases its successor's lease",
  async (folder, clock) => {
    const zombie = await acquireLease({ folder, clock, host: "one" });
    clock.time += 60_000;
    const winner = await acquireLease({ folder, clock, host: "two" });
    const before = await readFile(join(folder, "lease.json"), "utf8");
    assert.equal(zombie.lost.aborted, false);
    assert.equal(await zombie.beat(), false);
    assert.equal(zombie.lost.aborted, true);
    assert.ok(held(zombie.lost.reason));
    await zombie.release();
    assert.equal(await readFile(join(folder, "lease.json"), "utf8"), before);
    assert.equal(await winner.beat(), true);
    await winner.release();
  },
);

inFolder("a lease that a power loss left unreadable is superseded", async (folder, clock) => {
  for (const text of ["", "{", "null", "[]", '{"token":1}']) {
    await writeFile(join(folder, "lease.json"), text);
    const lease = await acquireLease({ folder, clock });
    await lease.release();
  }
});

inFolder("of many contenders for a dead holder's lease exactly one wins", async (folder, clock) => {
  await plant(folder, { startTime: "1" });
  const outcomes = await Promise.allSettled(
    Array.from({ length: 12 }, () => acquireLease({ folder, clock })),
  );
  const winners = outcomes.filter((outcome) => outcome.status === "fulfilled");
  assert.equal(winners.length, 1);
  for (const outcome of outcomes) if (outcome.status === "rejected") assert.ok(held(outcome.reason));
  await winners[0]!.value.release();
});

inFolder("a holder that is killed leaves a lease that is free at once", async (folder, clock) => {
  const module = new URL("./lock.ts", import.meta.url).href;
  const script = `import { acquireLease } from ${JSON.stringify(module)};
    await acquireLease({ folder: ${JSON.stringify(folder)}, clock: { now: () => ${START}, sleep: async () => {} } });
    process.stdout.write("held"); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script]);
  await once(child.stdout, "data");
  await assert.rejects(acquireLease({ folder, clock }), held);
  child.kill("SIGKILL");
  await once(child, "exit");
  const lease = await acquireLease({ folder, clock });
  await lease.release();
});

inFolder("a folder that does not exist is named", async (folder, clock) => {
  await assert.rejects(
    acquireLease({ folder: join(folder, "none"), clock }),
    (error) => isLandfallError(error, "LEDGER_FAILED") && error.message.includes("none"),
  );
});

inFolder("a look says who holds the lease, and changes nothing", async (folder, clock) => {
  assert.equal(await lookAtLease({ folder }), undefined);
  const lease = await acquireLease({ folder, clock });
  const before = await readdir(folder);
  const sight = await lookAtLease({ folder });
  assert.deepEqual(
    [sight?.pid, sight?.since, sight?.heartbeatAt, sight?.holder],
    [process.pid, START, START, "alive"],
  );
  assert.deepEqual(await readdir(folder), before);
  await lease.release();
  assert.equal(await lookAtLease({ folder }), undefined);
  await plant(folder, { pid: 2 ** 22 + 1 });
  assert.equal((await lookAtLease({ folder }))?.holder, "dead");
  await plant(folder, { host: "elsewhere" });
  assert.equal((await lookAtLease({ folder }))?.holder, "unknown");
});
