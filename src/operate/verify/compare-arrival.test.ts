import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Arrival } from "../../ledger/ledger.ts";
import { ARRIVAL_STATES, OPEN_STATES } from "../../ledger/states.ts";
import { compareArrival } from "./compare-arrival.ts";

const counts = { bytes: 10, crc32: 7, read: 3, written: 2, rescued: 1, rejected: 1 };
const committed: Arrival = {
  key: "a.json",
  generation: "10-1",
  state: "committed",
  size: 10,
  modifiedNs: "1",
  discoveredAt: 5,
  batchId: "b1",
  vacated: false,
  outcome: counts,
};
const gone: Arrival = { ...committed, state: "skipped", rule: "gone", reason: "the file is no longer there" };

test("an arrival agrees with itself, whenever each ledger heard of it", () => {
  fc.assert(
    fc.property(fc.constantFrom(...ARRIVAL_STATES), fc.nat(), (state, discoveredAt) => {
      const arrival = { ...committed, state };
      const truth = { ...arrival, discoveredAt };
      const tidied = state === "archived" || state === "deleted";
      assert.equal(compareArrival(arrival, tidied ? { ...truth, state: "committed" } : truth), undefined);
    }),
  );
});

test("any count, size or batch that differs is a difference that names it", () => {
  for (const name of ["bytes", "crc32", "read", "written", "rescued", "rejected"] as const) {
    const edited = { ...committed, outcome: { ...counts, [name]: 99 } };
    const found = compareArrival(edited, committed);
    assert.equal(found?.code, "LEDGER_FILE_DIFFERS");
    assert.match(found.what, new RegExp(`${name} 99`));
  }
  assert.equal(compareArrival({ ...committed, batchId: "b2" }, committed)?.code, "LEDGER_FILE_DIFFERS");
  assert.equal(compareArrival({ ...committed, size: 11 }, committed)?.code, "LEDGER_FILE_DIFFERS");
  assert.equal(compareArrival({ ...committed, modifiedNs: "2" }, committed)?.code, "LEDGER_FILE_DIFFERS");
});

test("what waits or was judged at plan is the ledger's own; an outcome without a manifest is not", () => {
  const { batchId: _batch, outcome: _outcome, ...bare } = committed;
  for (const state of ARRIVAL_STATES) {
    const found = compareArrival({ ...bare, state }, undefined);
    // Forgotten: judged once, against a generation whose outcome was taken back.
    const fine = OPEN_STATES.includes(state) || state === "skipped" || state === "forgotten";
    assert.equal(found?.code, fine ? undefined : "LEDGER_FILE_UNPROVEN", state);
  }
  const baseline: Arrival = { ...bare, state: "skipped", rule: "baseline" };
  assert.equal(compareArrival(baseline, undefined)?.code, "LEDGER_FILE_UNPROVEN");
  assert.equal(compareArrival(undefined, baseline), undefined);
  assert.equal(compareArrival(undefined, committed)?.code, "LEDGER_FILE_MISSING");
});

test("a file that was gone may have been seen again and judged since, but not committed without a manifest", () => {
  const { batchId: _batch, outcome: _outcome, reason: _reason, ...bare } = gone;
  assert.equal(compareArrival({ ...bare, state: "discovered" }, gone), undefined);
  assert.equal(compareArrival({ ...bare, rule: "overwritten" }, gone), undefined);
  assert.equal(compareArrival(gone, gone), undefined);
  assert.equal(compareArrival(committed, gone)?.code, "LEDGER_FILE_DIFFERS");
});

test("what a decision freed may have been seen, judged or found gone since, in whatever order, but has no outcome", () => {
  const { batchId: _batch, outcome: _outcome, ...bare } = committed;
  const forgotten: Arrival = { ...bare, state: "forgotten" };
  for (const state of [...OPEN_STATES, "forgotten"] as const)
    assert.equal(compareArrival({ ...bare, state }, forgotten), undefined, state);
  assert.equal(compareArrival({ ...bare, state: "skipped", rule: "touched" }, forgotten), undefined);
  assert.equal(compareArrival(gone, forgotten), undefined);
  assert.equal(compareArrival(forgotten, gone), undefined);
  assert.equal(compareArrival(committed, forgotten)?.code, "LEDGER_FILE_DIFFERS");
  assert.equal(compareArrival(forgotten, committed)?.code, "LEDGER_FILE_DIFFERS");
  assert.equal(compareArrival({ ...gone, reason: "edited" }, gone)?.code, "LEDGER_FILE_DIFFERS");
});
