import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Arrival, Candidate } from "../ledger/ledger.ts";
import type { ArrivalState } from "../ledger/states.ts";
import { ATTEMPTS, planBatch, type OnOverwrite } from "./plan-batch.ts";

const LIMITS = { maxFiles: 1000, maxBytes: 1e9 };

function arrival(key: string, generation: string, state: ArrivalState, more: Partial<Arrival> = {}): Arrival {
  return {
    key,
    generation,
    state,
    size: 10,
    modifiedNs: "1",
    discoveredAt: Number(generation),
    vacated: false,
    ...more,
  };
}

function candidate(key: string, generation: string, others: readonly Arrival[] = [], size = 10): Candidate {
  return { ...arrival(key, generation, "discovered", { size }), others };
}

function keysOf(plan: ReturnType<typeof planBatch>): string[] {
  return plan.arrivals.map((each) => each.key);
}

test("a generation beside a committed one is overwritten under ignore and fail, and read under append", () => {
  const candidates = [candidate("a", "2", [arrival("a", "1", "committed")])];
  for (const onOverwrite of ["ignore", "fail"] as const) {
    const plan = planBatch({ candidates, onOverwrite, limits: LIMITS });
    assert.deepEqual(keysOf(plan), []);
    assert.equal(plan.overwritten[0]?.standing.generation, "1");
  }
  assert.deepEqual(keysOf(planBatch({ candidates, onOverwrite: "append", limits: LIMITS })), ["a"]);
});

test("a generation beside an adopted one of its size is held back until their bytes are compared, but under append", () => {
  const outcome = { bytes: 10, crc32: 7, read: 0, written: 0, rescued: 0, rejected: 0 };
  const adopted = arrival("a", "1", "skipped", { rule: "adopted", outcome });
  const candidates = [candidate("a", "2", [adopted]), candidate("b", "3")];
  for (const onOverwrite of ["ignore", "fail"] as const) {
    const held = planBatch({ candidates, onOverwrite, limits: LIMITS });
    assert.deepEqual([keysOf(held), held.overwritten[0]?.standing], [["b"], adopted]);
    const isNewContent = ({ key }: Candidate): boolean => key === "a";
    const told = planBatch({ candidates, onOverwrite, limits: LIMITS, isNewContent });
    assert.deepEqual(keysOf(told), ["a", "b"]);
    const larger = [candidate("a", "2", [adopted], 11)];
    assert.deepEqual(keysOf(planBatch({ candidates: larger, onOverwrite, limits: LIMITS })), ["a"]);
  }
  assert.deepEqual(keysOf(planBatch({ candidates, onOverwrite: "append", limits: LIMITS })), ["a", "b"]);
});

test("a generation of which nothing was read, or whose name Landfall vacated, is no reason to skip", () => {
  const others: readonly Arrival[] = [
    arrival("a", "1", "quarantined"),
    arrival("a", "1", "skipped", { rule: "gone" }),
    arrival("a", "1", "skipped", { rule: "baseline" }),
    arrival("a", "1", "forgotten"),
    arrival("a", "1", "committed", { vacated: true }),
    arrival("a", "1", "archived", { vacated: true }),
  ];
  for (const other of others) {
    const plan = planBatch({
      candidates: [candidate("a", "2", [other])],
      onOverwrite: "ignore",
      limits: LIMITS,
    });
    assert.deepEqual(keysOf(plan), ["a"], other.state);
  }
});

test("while an earlier generation is discovered or claimed, the newer one waits", () => {
  const earlier = arrival("a", "1", "discovered");
  for (const onOverwrite of ["ignore", "append", "fail"] as const) {
    const plan = planBatch({
      candidates: [candidate("a", "2", [earlier]), candidate("a", "1", [arrival("a", "2", "discovered")])],
      onOverwrite,
      limits: LIMITS,
    });
    assert.deepEqual(
      plan.arrivals.map((each) => each.generation),
      ["1"],
      onOverwrite,
    );
    const claimed = [candidate("a", "2", [arrival("a", "1", "claimed")])];
    assert.deepEqual(
      keysOf(planBatch({ candidates: claimed, onOverwrite, limits: LIMITS })),
      [],
      onOverwrite,
    );
  }
});

test("a batch keeps its limits, but a file over the limit goes alone", () => {
  const sizes = [5, 6, 100, 1];
  const candidates = sizes.map((size, i) => candidate(`k${i}`, "1", [], size));
  const first = planBatch({ candidates, onOverwrite: "ignore", limits: { maxFiles: 10, maxBytes: 11 } });
  assert.deepEqual(keysOf(first), ["k0", "k1"]);
  const second = planBatch({
    candidates: candidates.slice(2),
    onOverwrite: "ignore",
    limits: { maxFiles: 10, maxBytes: 11 },
  });
  assert.deepEqual(keysOf(second), ["k2"]);
});

test("any plan: one generation a key at most, the earliest, within the limits; under ignore never beside a committed one; never stuck", () => {
  const state = fc.constantFrom<ArrivalState>(
    "discovered",
    "claimed",
    "committed",
    "quarantined",
    "skipped",
    "forgotten",
  );
  const world = fc.array(
    fc.record({ key: fc.constantFrom("a", "b", "c"), state, vacated: fc.boolean(), size: fc.nat(20) }),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(
      world,
      fc.constantFrom<OnOverwrite>("ignore", "append", "fail"),
      fc.integer({ min: 1, max: 4 }),
      (found, onOverwrite, maxFiles) => {
        const all = found.map((each, i) =>
          arrival(each.key, String(i), each.state, { vacated: each.vacated, size: each.size }),
        );
        const candidates = all
          .filter((each) => each.state === "discovered")
          .map((each) => ({
            ...each,
            others: all.filter((other) => other.key === each.key && other !== each),
          }));
        const plan = planBatch({ candidates, onOverwrite, limits: { maxFiles, maxBytes: 30 } });
        assert.ok(plan.arrivals.length <= maxFiles);
        assert.ok(plan.arrivals.length <= 1 || plan.arrivals.reduce((sum, each) => sum + each.size, 0) <= 30);
        assert.equal(new Set(keysOf(plan)).size, plan.arrivals.length);
        for (const each of plan.arrivals) {
          assert.ok(!each.others.some((other) => other.state === "claimed"));
          const open = each.others.filter((other) => other.state === "discovered");
          assert.ok(open.every((other) => other.discoveredAt > each.discoveredAt));
          if (onOverwrite === "append") continue;
          assert.ok(!each.others.some((other) => other.state === "committed" && !other.vacated));
        }
        const next = [...plan.arrivals, ...plan.overwritten];
        const stuck = candidates.filter((each) => !each.others.some((other) => other.state === "claimed"));
        assert.ok(next.length > 0 || stuck.length === 0, "something goes on, or waits for a batch under way");
      },
    ),
  );
});

test("files over which the engine died twice wait for all others, and come half by half", () => {
  const tried = (key: string, attempts: number): Candidate => ({ ...candidate(key, "1"), attempts });
  const suspects = [tried("a", 2), tried("b", 3), tried("c", 3), tried("d", 3)];
  const plan = (candidates: readonly Candidate[]): string[] =>
    keysOf(planBatch({ candidates, onOverwrite: "ignore", limits: LIMITS }));
  assert.deepEqual(plan([...suspects, tried("e", 1), candidate("f", "1")]), ["e", "f"]);
  assert.deepEqual(plan(suspects), ["b", "c"]);
  assert.deepEqual(plan([tried("a", 2), tried("b", 4)]), ["b"]);
});

test("whichever files kill the engine, they end alone, and the others are all read, in few deaths", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.array(fc.nat(199), { maxLength: 4 }), (n, picks) => {
      const poison = new Set(picks.filter((i) => i < n).map((i) => `f${i}`));
      let left: Candidate[] = Array.from({ length: n }, (_, i) => candidate(`f${i}`, "1"));
      const read: string[] = [];
      const alone: string[] = [];
      let deaths = 0;
      while (left.length > 0) {
        const limits = { maxFiles: 64, maxBytes: Infinity };
        const batch = planBatch({ candidates: left, onOverwrite: "ignore", limits }).arrivals;
        assert.ok(batch.length > 0);
        const dies = batch.some(({ key }) => poison.has(key));
        if (dies) deaths += 1;
        if (dies && (batch.length > 1 || (batch[0]!.attempts ?? 0) + 1 < ATTEMPTS)) {
          left = left.map((one) =>
            batch.includes(one) ? { ...one, attempts: (one.attempts ?? 0) + 1 } : one,
          );
          continue;
        }
        (dies ? alone : read).push(...batch.map(({ key }) => key));
        left = left.filter((one) => !batch.includes(one));
      }
      assert.deepEqual(new Set(alone), poison);
      assert.equal(read.length, n - poison.size);
      assert.ok(deaths <= poison.size * (2 + Math.ceil(Math.log2(n)) + 1), `${deaths} deaths`);
    }),
  );
});
