import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Arrival, Candidate } from "../ledger/ledger.ts";
import type { ArrivalState } from "../ledger/states.ts";
import { planBatch, type OnOverwrite } from "./plan-batch.ts";

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
