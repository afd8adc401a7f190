import assert from "node:assert/strict";
import { test } from "node:test";
import { ARRIVAL_EVENTS, ARRIVAL_PLACES, nextArrivalState, nextBatchState } from "./states.ts";

test("states: only discovered arrivals are claimed; where others have moved on the claim comes late, else it is refused", () => {
  const never = ["unknown", "waiting", "claimed"];
  for (const place of ARRIVAL_PLACES) {
    const late = never.includes(place) ? "refuse" : "stay";
    assert.equal(nextArrivalState(place, "claim"), place === "discovered" ? "claimed" : late, place);
  }
});

test("states: a manifest of a committed batch is believed wherever the arrival stands", () => {
  for (const place of ARRIVAL_PLACES) {
    assert.equal(nextArrivalState(place, "settleCommitted"), "committed", place);
    assert.equal(nextArrivalState(place, "settleQuarantined"), "quarantined", place);
    assert.equal(nextArrivalState(place, "settleSkipped"), "skipped", place);
  }
});

test("states: gone reaches only what has no outcome and no other batch's claim", () => {
  const reached = ARRIVAL_PLACES.filter((place) => nextArrivalState(place, "settleGone") === "skipped");
  assert.deepEqual(reached, ["unknown", "waiting", "discovered", "claimed"]);
});

test("states: a listing brings back gone and forgotten, and no final state", () => {
  const found = ARRIVAL_PLACES.filter((place) => nextArrivalState(place, "seen") === "discovered");
  assert.deepEqual(found, ["unknown", "waiting", "skipped(gone)", "forgotten"]);
});

test("states: what has no outcome yet is adopted, or was gone, forgotten or judged at plan; what has one stays", () => {
  const adopted = ARRIVAL_PLACES.filter((place) => nextArrivalState(place, "adopt") === "skipped");
  const open = ["unknown", "waiting", "discovered", "claimed", "claimed(other)"];
  assert.deepEqual(adopted, [...open, "skipped(judged)", "skipped(gone)", "forgotten"]);
});

test("states: only the own batch's claim is released", () => {
  const released = ARRIVAL_PLACES.filter((place) => nextArrivalState(place, "release") !== "stay");
  assert.deepEqual(released, ["claimed"]);
});

test("states: only what is unknown begins to wait, and only what waits is forgotten", () => {
  const leading = (to: string): string[] =>
    ARRIVAL_PLACES.flatMap((place) =>
      ARRIVAL_EVENTS.filter((event) => nextArrivalState(place, event) === to).map(
        (event) => `${event} ${place}`,
      ),
    );
  assert.deepEqual(leading("waiting"), ["young unknown"]);
  assert.deepEqual(leading("unknown"), ["unseen waiting"]);
});

test("states: a void batch can still be settled, a settled one never voided", () => {
  assert.equal(nextBatchState("void", "settle"), "settled");
  assert.equal(nextBatchState("settled", "void"), "stay");
  assert.equal(nextBatchState("committed", "void"), "void");
});

test("states: a batchId is planned once", () => {
  for (const place of ["planned", "staged", "committed", "settled", "void"] as const) {
    assert.equal(nextBatchState(place, "plan"), "refuse", place);
  }
});
