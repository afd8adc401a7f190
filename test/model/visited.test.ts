import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { NO_FAULTS, type Faults } from "./scenario.ts";
import type { State } from "./state.ts";
import { visited } from "./visited.ts";

function faults(): Record<keyof Faults, fc.Arbitrary<number>> {
  const one = fc.nat(1);
  return {
    crash: one,
    source: one,
    lost: one,
    late: one,
    loss: one,
    backup: one,
    foreign: one,
    trim: one,
    foreignTrim: one,
    clobber: one,
  };
}

const few = fc.integer({ min: -2, max: 3 });
const state: fc.Arbitrary<State> = fc.record({
  shared: fc.record({ store: fc.nat(3), ledgers: fc.tuple(fc.nat(2), fc.nat(2)), source: fc.nat(2) }),
  processes: fc.array(fc.record({ local: fc.constant(undefined), runs: fc.nat(2), drawn: fc.nat(2) }), {
    minLength: 2,
    maxLength: 2,
  }),
  budget: fc.record(faults()),
  late: fc.array(fc.record({ key: fc.constantFrom("a", "b"), content: fc.constantFrom("x", "y") }), {
    maxLength: 2,
  }),
  backup: few,
  last: few,
  switches: fc.constantFrom(0, 1, Number.POSITIVE_INFINITY),
});

test("a state is new once, and no other state is taken for it", () => {
  const seen = visited();
  const texts = new Set<string>();
  fc.assert(
    fc.property(fc.array(state, { minLength: 50, maxLength: 100 }), (states) => {
      for (const each of states) {
        const text = JSON.stringify([each, each.switches === Number.POSITIVE_INFINITY]);
        assert.equal(seen.add(each), !texts.has(text));
        texts.add(text);
      }
    }),
    { numRuns: 300 },
  );
  assert.equal(seen.size, texts.size);
});

test("hundreds of thousands of states that differ in little are told apart", () => {
  const seen = visited();
  const one: State = {
    shared: { store: 0, ledgers: [0, 0], source: 0 },
    processes: [],
    budget: NO_FAULTS,
    late: [],
    backup: -1,
    last: -1,
    switches: 0,
  };
  const [stores, ledgers] = [500, 600];
  for (let store = 0; store < stores; store++)
    for (let ledger = 0; ledger < ledgers; ledger++)
      seen.add({ ...one, shared: { store, ledgers: [ledger, store], source: 0 } });
  assert.equal(seen.size, stores * ledgers);
});
