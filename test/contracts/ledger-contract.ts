/**
 * What every ledger promises: each doc comment of the port (src/ledger/ledger.ts) as a test. An adapter's test file calls
 * `ledgerContract` with a way to open a fresh ledger.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isLandfallError } from "../../src/base/landfall-error.ts";
import type { ErrorCode } from "../../src/base/error-codes.ts";
import type {
  ArrivalId,
  CandidateChoice,
  Ledger,
  ManifestOutcome,
  Observation,
  SettleRequest,
} from "../../src/ledger/ledger.ts";

/** A fresh, empty ledger; closed and removed by whoever gave it. */
export type OpenLedger = () => Promise<{ readonly ledger: Ledger; readonly dispose: () => Promise<void> }>;

const seen = (key: string, modified = 100, size = 5): Observation => ({
  key,
  generation: `${size}-${modified}`,
  size,
  modifiedNs: String(modified),
});
const idOf = ({ key, generation }: ArrivalId): ArrivalId => ({ key, generation });
const COUNTS = { bytes: 5, crc32: 4_000_000_000, read: 3, written: 2, rescued: 1, rejected: 1, corrupt: 1 };
const committed = (observation: Observation): ManifestOutcome => ({
  ...observation,
  state: "committed",
  counts: COUNTS,
});
const gone = (observation: Observation): ManifestOutcome => ({
  ...observation,
  state: "skipped",
  rule: "gone",
  counts: { bytes: 0, crc32: 0, read: 0, written: 0, rescued: 0, rejected: 0 },
});
const settling = (number: number, batchId: string, outcomes: readonly ManifestOutcome[]): SettleRequest => ({
  number,
  batchId,
  version: number + 10,
  at: 1000 + number,
  outcomes,
});
const refused = (code: ErrorCode) => (error: unknown) => isLandfallError(error, code);
const A = seen("a/1.json");
const B = seen("a/2.json");
const IDENTITY = { pipelineId: "p1", name: "in-12345678", source: "/in" };

async function planned(
  ledger: Ledger,
  batchId: string,
  number: number,
  ...items: Observation[]
): Promise<void> {
  await ledger.observe(items, 1);
  await ledger.plan({ number, batchId, at: 50 }, items.map(idOf));
}

async function stateOf(ledger: Ledger, id: ArrivalId): Promise<string | undefined> {
  const arrival = await ledger.get(idOf(id));
  return arrival?.rule === undefined ? arrival?.state : `${arrival.state}(${arrival.rule})`;
}

export function ledgerContract(name: string, open: OpenLedger): void {
  const promises = (sentence: string, run: (ledger: Ledger) => Promise<void>): void => {
    test(`${name}: ${sentence}`, async () => {
      const { ledger, dispose } = await open();
      try {
        await run(ledger);
      } finally {
        await dispose();
      }
    });
  };
  identityPromises(promises);
  discoveryPromises(promises);
  planPromises(promises);
  attemptPromises(promises);
  settlePromises(promises);
  afterwardsPromises(promises);
  lookUpPromises(promises);
}

type Promises = (sentence: string, run: (ledger: Ledger) => Promise<void>) => void;

function identityPromises(promises: Promises): void {
  promises("a new ledger knows nothing", async (ledger) => {
    assert.equal(await ledger.identity(), undefined);
    assert.equal(await ledger.tableIdentity(), undefined);
    assert.equal(await ledger.lastTakenIn(), undefined);
    assert.deepEqual(await ledger.openBatches(), []);
    assert.deepEqual(await ledger.arrivals({}), []);
    assert.deepEqual(await ledger.candidates(10), []);
    assert.deepEqual(await ledger.summary(), {
      states: {},
      skipped: {},
      rows: { read: 0, written: 0, rescued: 0, rejected: 0, corrupt: 0 },
    });
  });
  promises("the identity is written once and refused for another pipeline", async (ledger) => {
    await ledger.setIdentity(IDENTITY);
    await ledger.setIdentity(IDENTITY);
    await assert.rejects(ledger.setIdentity({ ...IDENTITY, pipelineId: "p2" }), refused("STATE_CORRUPT"));
    assert.deepEqual(await ledger.identity(), IDENTITY);
  });
  promises("the table's identity is replaced whenever it is set", async (ledger) => {
    await ledger.setTableIdentity({ tableId: "t", version: 1, txnId: "x" });
    await ledger.setTableIdentity({ tableId: "t", version: 2, txnId: "y" });
    assert.deepEqual(await ledger.tableIdentity(), { tableId: "t", version: 2, txnId: "y" });
  });
  promises("clear forgets everything but the identity", async (ledger) => {
    await ledger.setIdentity(IDENTITY);
    await ledger.setTableIdentity({ tableId: "t", version: 1, txnId: "x" });
    await planned(ledger, "b1", 1, A, B);
    await ledger.settle(settling(1, "b1", [committed(A), gone(B)]));
    await ledger.clear();
    assert.deepEqual(await ledger.identity(), IDENTITY);
    assert.equal(await ledger.tableIdentity(), undefined);
    assert.deepEqual(await ledger.arrivals({}), []);
    assert.deepEqual(await ledger.batches(9), []);
    assert.deepEqual(await ledger.events(idOf(B)), []);
    assert.deepEqual((await ledger.summary()).states, {});
    assert.deepEqual(await ledger.observe([A], 9), { discovered: 1, known: 0, returned: 0, waiting: 0 });
  });
  promises("after close every call rejects, and closing again is harmless", async (ledger) => {
    await ledger.close();
    await ledger.close();
    await assert.rejects(ledger.summary(), refused("INTERNAL"));
    await assert.rejects(ledger.observe([A], 1), refused("INTERNAL"));
  });
}

function discoveryPromises(promises: Promises): void {
  promises(
    "an unknown generation is discovered once, also when it stands twice in a call",
    async (ledger) => {
      assert.deepEqual(await ledger.observe([A, B, A], 7), {
        discovered: 2,
        known: 1,
        returned: 0,
        waiting: 0,
      });
      assert.deepEqual(await ledger.observe([A], 8), { discovered: 0, known: 1, returned: 0, waiting: 0 });
      assert.deepEqual(await ledger.get(idOf(A)), {
        ...A,
        state: "discovered",
        discoveredAt: 7,
        vacated: false,
      });
    },
  );
  promises("generations are compared as text only, whatever they look like", async (ledger) => {
    const texts = [
      "5-100",
      "05-100",
      "5-0100",
      "5-100 ",
      "5-9223372036854775808",
      "5--1",
      "abc-5",
      "5-100-x",
    ];
    const all = texts.map((generation) => ({ key: "k", generation, size: 5, modifiedNs: "100" }));
    assert.equal((await ledger.observe(all, 1)).discovered, texts.length);
    assert.equal((await ledger.observe(all, 2)).known, texts.length);
    // The same text seen with another size and time is the same generation, and keeps what was seen first.
    const again = all.map((observation) => ({ ...observation, size: 6, modifiedNs: "-7" }));
    assert.equal((await ledger.observe(again, 3)).known, texts.length);
    const found = (await ledger.generations("k")).map(({ generation, size, modifiedNs }) => [
      generation,
      size,
      modifiedNs,
    ]);
    assert.deepEqual(new Set(found), new Set(texts.map((text) => [text, 5, "100"])));
  });
  promises("sizes and times at the edges come back digit by digit", async (ledger) => {
    const edges = [
      ["0", "0"],
      ["9007199254740991", "9223372036854775807"],
      ["1", "-9223372036854775808"],
      ["12", "1700000000123456789"],
    ].map(([size, modifiedNs]) => ({
      key: "k",
      generation: `${size}-${modifiedNs}`,
      size: Number(size),
      modifiedNs: modifiedNs!,
    }));
    await ledger.observe(edges, 1);
    for (const edge of edges) {
      const { key, generation, size, modifiedNs } = (await ledger.get(idOf(edge)))!;
      assert.deepEqual({ key, generation, size, modifiedNs }, edge);
    }
  });
  promises("hostile keys are kept as they are, and what is no text is refused whole", async (ledger) => {
    const keys = [
      "%",
      "'; DROP TABLE arrivals;--",
      "a\nb",
      "\u0001",
      "é",
      "\u{1F600}",
      "?*[x]",
      "k".repeat(5000),
    ];
    await ledger.observe(
      keys.map((key) => seen(key)),
      1,
    );
    assert.deepEqual(new Set((await ledger.arrivals({})).map(({ key }) => key)), new Set(keys));
    for (const bad of [
      seen(""),
      seen("\uD800"),
      seen("a\0b"),
      { ...A, generation: "" },
      { ...A, key: "bad", size: -1 },
      { ...A, key: "bad", size: 0.5 },
      { ...A, key: "bad", modifiedNs: "1e3" },
      { ...A, key: "bad", modifiedNs: "9223372036854775808" },
    ]) {
      await assert.rejects(ledger.observe([seen("new"), bad], 1), refused("INTERNAL"));
    }
    assert.equal(await ledger.get(idOf(seen("new"))), undefined);
  });
  promises("a gone or forgotten generation that is seen again is discovered again", async (ledger) => {
    await planned(ledger, "b1", 1, A, B);
    await ledger.settle(settling(1, "b1", [gone(A), committed(B)]));
    assert.equal(await stateOf(ledger, A), "skipped(gone)");
    assert.equal(await ledger.takeBack([{ ...idOf(B), batchId: "b1", state: "forgotten" }], 8), 1);
    assert.deepEqual(await ledger.observe([A, B], 9), { discovered: 0, known: 0, returned: 2, waiting: 0 });
    assert.deepEqual(await ledger.get(idOf(A)), {
      ...A,
      state: "discovered",
      discoveredAt: 1,
      vacated: false,
    });
    assert.deepEqual(
      (await ledger.events(idOf(A))).map(({ at, event }) => [at, event]),
      [
        [1001, "gone"],
        [9, "returned"],
      ],
    );
  });
  promises("no other state is moved by a listing", async (ledger) => {
    const skipped = seen("skipped");
    await ledger.observe([skipped], 1);
    await ledger.skip([{ ...idOf(skipped), rule: "overwritten" }], 2);
    await planned(ledger, "b1", 1, A, B);
    await ledger.settle(settling(1, "b1", [committed(A), { ...committed(B), state: "quarantined" }]));
    const claimed = seen("claimed");
    await planned(ledger, "b2", 2, claimed);
    assert.deepEqual(await ledger.observe([A, B, skipped, claimed], 9), {
      discovered: 0,
      known: 4,
      returned: 0,
      waiting: 0,
    });
  });
  promises("what is too young waits, is no candidate, and is discovered when it rests", async (ledger) => {
    const odd = { key: "h", generation: "etag-5", size: 5, modifiedNs: "150" };
    const unlike = { key: "u", generation: "6-100", size: 5, modifiedNs: "-3" };
    await ledger.setWaiting([A, odd, unlike], 3);
    assert.deepEqual(await ledger.get(idOf(A)), { ...A, state: "waiting", discoveredAt: 3, vacated: false });
    assert.deepEqual(await ledger.candidates(9), []);
    await assert.rejects(ledger.plan({ number: 1, batchId: "b1", at: 4 }, [idOf(A)]), refused("INTERNAL"));
    const before = await ledger.summary();
    assert.deepEqual([before.states, before.oldestWaitingAt], [{ waiting: 3 }, 3]);
    assert.deepEqual((await ledger.arrivals({ states: ["waiting"] })).map(idOf), [A, odd, unlike].map(idOf));
    assert.deepEqual(await ledger.observe([A, B, odd], 5), {
      discovered: 1,
      known: 0,
      returned: 2,
      waiting: 1,
    });
    assert.deepEqual(await ledger.observe([unlike], 6), { discovered: 0, known: 0, returned: 1, waiting: 0 });
    assert.equal((await ledger.get(idOf(A)))?.discoveredAt, 3);
    assert.deepEqual(await ledger.events(idOf(A)), []);
    assert.deepEqual((await ledger.summary()).states, { discovered: 4 });
  });
  promises("a file that changes or vanishes while it waits leaves nothing behind", async (ledger) => {
    const hashed = { key: "h", generation: "etag-5", size: 5, modifiedNs: "150" };
    for (const modified of [10, 20, 30]) await ledger.setWaiting([seen("k", modified), B, hashed], modified);
    assert.deepEqual(
      (await ledger.arrivals({})).map(({ key, generation, state, discoveredAt }) => [
        `${key} ${generation}`,
        state,
        discoveredAt,
      ]),
      [
        ["a/2.json 5-100", "waiting", 10],
        ["h etag-5", "waiting", 10],
        ["k 5-30", "waiting", 30],
      ],
    );
    await ledger.setWaiting([seen("k", 30)], 40);
    assert.deepEqual((await ledger.arrivals({})).map(idOf), [idOf(seen("k", 30))]);
    await ledger.setWaiting([seen("k", 40), seen("k", 50)], 50);
    assert.deepEqual((await ledger.arrivals({})).map(idOf), [idOf(seen("k", 50))]);
    await ledger.setWaiting([], 60);
    assert.deepEqual(await ledger.arrivals({}), []);
    const { states, oldestWaitingAt } = await ledger.summary();
    assert.deepEqual([states, oldestWaitingAt], [{}, undefined]);
    await assert.rejects(ledger.setWaiting([{ ...A, size: -1 }], 70), refused("INTERNAL"));
  });
  promises("a file that looks young again does not move, and is not forgotten", async (ledger) => {
    const [claimed, gone_, known] = [seen("claimed"), seen("gone"), seen("known")];
    await planned(ledger, "b1", 1, A, gone_);
    await ledger.settle(settling(1, "b1", [committed(A), gone(gone_)]));
    await planned(ledger, "b2", 2, claimed);
    await ledger.observe([known], 1);
    await ledger.setWaiting([A, gone_, claimed, known], 9);
    await ledger.setWaiting([], 10);
    const states = (await ledger.arrivals({})).map(({ key, state, rule }) => `${key} ${rule ?? state}`);
    assert.deepEqual(states, ["a/1.json committed", "claimed claimed", "gone gone", "known discovered"]);
  });
  promises("what waits takes the outcome that a manifest or the baseline gives it", async (ledger) => {
    await ledger.setWaiting([A, B, seen("old")], 1);
    await ledger.settle(settling(1, "b1", [committed(A), gone(B)]));
    await ledger.baseline([seen("old")], 2);
    await ledger.setWaiting([], 3);
    const states = (await ledger.arrivals({})).map(({ key, state, rule }) => `${key} ${rule ?? state}`);
    assert.deepEqual(states, ["a/1.json committed", "a/2.json gone", "old baseline"]);
  });
  promises(
    "the baseline skips what is unknown or discovered, and nothing else, however often",
    async (ledger) => {
      const fresh = seen("fresh");
      await planned(ledger, "b1", 1, A);
      await ledger.observe([B], 1);
      await ledger.baseline([A, B, fresh], 5);
      await ledger.baseline([A, B, fresh], 6);
      assert.equal(await stateOf(ledger, A), "claimed");
      assert.equal(await stateOf(ledger, B), "skipped(baseline)");
      assert.equal(await stateOf(ledger, fresh), "skipped(baseline)");
      assert.equal((await ledger.observe([B, fresh], 7)).known, 2);
    },
  );
}

function planPromises(promises: Promises): void {
  promises(
    "candidates come oldest modification first, then by key, with the other generations",
    async (ledger) => {
      const odd = { key: "h", generation: "etag-5", size: 5, modifiedNs: "150" };
      await ledger.observe([seen("b", 200), seen("c", 100), odd], 1);
      await ledger.observe([seen("a", 200), seen("c", 300), seen("c", 200)], 2);
      const found = await ledger.candidates(10);
      assert.deepEqual(
        found.map(({ key, modifiedNs, others }) => [
          key,
          modifiedNs,
          others.map((other) => other.modifiedNs),
        ]),
        [
          ["c", "100", ["200", "300"]],
          ["h", "150", []],
          ["a", "200", []],
          ["b", "200", []],
          ["c", "200", ["100", "300"]],
          ["c", "300", ["100", "200"]],
        ],
      );
      assert.deepEqual(await ledger.candidates(2), found.slice(0, 2));
    },
  );
  promises("candidates come in the order that is asked for, and only those that are", async (ledger) => {
    const odd = { key: "h", generation: "etag-5", size: 5, modifiedNs: "150" };
    await ledger.observe([seen("b/1", 200), seen("c", 100), odd, seen("b", 300), seen("a", 200)], 1);
    const keys = async (choice: CandidateChoice, limit = 9): Promise<string[]> =>
      (await ledger.candidates(limit, choice)).map(({ key }) => key);
    assert.deepEqual(await keys({ order: "oldest" }), ["c", "h", "a", "b/1", "b"]);
    assert.deepEqual(await keys({ order: "newest" }), ["b", "a", "b/1", "h", "c"]);
    assert.deepEqual(await keys({ order: "name" }), ["a", "b", "b/1", "c", "h"]);
    assert.deepEqual(await keys({ order: "newest" }, 2), ["b", "a"]);
    assert.deepEqual(await keys({ keyPrefix: "b" }), ["b/1", "b"]);
    assert.deepEqual(await keys({ modifiedFromNs: "150" }), ["h", "a", "b/1", "b"]);
    assert.deepEqual(await keys({ modifiedBeforeNs: "200", order: "name" }), ["c", "h"]);
    assert.deepEqual(await keys({ modifiedFromNs: "150", modifiedBeforeNs: "151" }), ["h"]);
  });
  promises(
    "bytes that were read are told by batch and by modification, and forgotten ones no more",
    async (ledger) => {
      const odd = { key: "h", generation: "etag-5", size: 5, modifiedNs: "150" };
      await planned(ledger, "b1", 1, A, odd);
      await ledger.settle(settling(1, "b1", [committed(A), committed(odd)]));
      const late = seen("late", 300, 7);
      await planned(ledger, "b2", 2, B, late);
      await ledger.settle(
        settling(2, "b2", [gone(B), { ...committed(late), counts: { ...COUNTS, bytes: 6 } }]),
      );
      const read = (modifiedBeforeNs: string, fromBatchId: string): Promise<number> =>
        ledger.bytesRead({ modifiedBeforeNs, fromBatchId });
      assert.equal(await read("1000", "b"), 16);
      assert.equal(await read("1000", "b2"), 6);
      assert.equal(await read("300", "b"), 10);
      assert.equal(await read("150", "b"), 5);
      assert.equal(await read("1000", "b3"), 0);
      await ledger.takeBack([{ ...idOf(A), batchId: "b1", state: "forgotten" }], 60);
      assert.equal(await read("1000", "b"), 11);
    },
  );
  promises("a plan claims its arrivals, and refuses whole what it cannot claim", async (ledger) => {
    await planned(ledger, "b1", 1, A);
    await ledger.observe([B], 1);
    const plan = (batchId: string, ...ids: ArrivalId[]): Promise<string> =>
      ledger.plan({ number: 1, batchId, at: 60 }, ids.map(idOf));
    await assert.rejects(plan("b2", B, B), refused("INTERNAL"));
    await assert.rejects(plan("b2", A, seen("unknown")), refused("INTERNAL"));
    await assert.rejects(plan("b2", B, seen("unknown")), refused("INTERNAL"));
    await assert.rejects(plan("b1", B), refused("INTERNAL"));
    assert.equal(await stateOf(ledger, B), "discovered");
    assert.equal(await ledger.batch("b2"), undefined);
    assert.deepEqual((await ledger.claimed("b1")).map(idOf), [idOf(A)]);
    assert.deepEqual((await ledger.summary()).states, { claimed: 1, discovered: 1 });
  });
  promises("a plan is overtaken whole where another claimed, committed or skipped first", async (ledger) => {
    const odd = { key: "h", generation: "etag-5", size: 5, modifiedNs: "150" };
    const bad = seen("bad");
    const hashed = { ...odd, generation: "etag-6" };
    await planned(ledger, "b1", 1, seen("c"), odd);
    await ledger.settle(settling(1, "b1", [committed(seen("c")), committed(odd)]));
    await planned(ledger, "b2", 2, A, hashed);
    await ledger.observe([B, bad], 1);
    await ledger.skip([{ ...idOf(bad), rule: "touched" }], 2);
    const before = await ledger.summary();
    for (const late of [A, seen("c"), odd, hashed, bad]) {
      const ids = [B, late].map(idOf);
      assert.equal(await ledger.plan({ number: 2, batchId: "b3", at: 60 }, ids), "overtaken", late.key);
    }
    assert.equal(await stateOf(ledger, B), "discovered");
    assert.equal(await ledger.batch("b3"), undefined);
    assert.deepEqual(await ledger.summary(), before);
    assert.equal(await ledger.plan({ number: 2, batchId: "b3", at: 60 }, [idOf(B)]), "planned");
    assert.deepEqual((await ledger.claimed("b2")).map(idOf), [idOf(A), idOf(hashed)]);
  });
  promises("skip moves discovered arrivals only", async (ledger) => {
    await planned(ledger, "b1", 1, A);
    await ledger.observe([B], 1);
    const rule = "grown";
    await ledger.skip(
      [
        { ...idOf(A), rule },
        { ...idOf(B), rule, reason: "5 bytes more" },
        { ...idOf(seen("no")), rule },
      ],
      4,
    );
    assert.equal(await stateOf(ledger, A), "claimed");
    assert.equal((await ledger.get(idOf(B)))?.reason, "5 bytes more");
    assert.equal(await stateOf(ledger, seen("no")), undefined);
    assert.deepEqual(await ledger.events(idOf(B)), [
      { at: 4, event: "skipped", detail: "grown: 5 bytes more" },
    ]);
  });
  promises("advance is a hint that late comers do not undo", async (ledger) => {
    await planned(ledger, "b1", 1, A);
    await ledger.advance("b1", "staged");
    assert.equal((await ledger.batch("b1"))?.state, "staged");
    await ledger.advance("b1", "committed", 4);
    await ledger.advance("b1", "staged");
    assert.deepEqual(await ledger.openBatches(), [
      { number: 1, batchId: "b1", state: "committed", plannedAt: 50, version: 4 },
    ]);
    await ledger.voidBatch("b1", 9);
    await ledger.advance("b1", "staged");
    assert.equal((await ledger.batch("b1"))?.state, "void");
    await assert.rejects(ledger.advance("b7", "staged"), refused("INTERNAL"));
  });
  promises("void releases only what the batch still claims", async (ledger) => {
    await planned(ledger, "b1", 1, A);
    await planned(ledger, "b2", 1, B);
    await ledger.voidBatch("b1", 9);
    await ledger.voidBatch("b1", 10);
    assert.equal(await stateOf(ledger, A), "discovered");
    assert.equal(await stateOf(ledger, B), "claimed");
    assert.deepEqual(
      (await ledger.openBatches()).map(({ batchId }) => batchId),
      ["b2"],
    );
    assert.deepEqual(await ledger.events(idOf(A)), [{ at: 9, event: "released", batchId: "b1" }]);
    await assert.rejects(ledger.voidBatch("b7", 9), refused("INTERNAL"));
  });
}

function attemptPromises(promises: Promises): void {
  const attempts = async (ledger: Ledger): Promise<unknown[]> =>
    (await ledger.candidates(10)).map(({ key, attempts: n }) => [key, n]);
  promises(
    "the engine's death counts an attempt for what the batch still claims, until its outcome",
    async (ledger) => {
      await planned(ledger, "b1", 1, A);
      await planned(ledger, "b2", 1, B);
      await ledger.voidBatch("b1", 9, "SIGKILL");
      await ledger.voidBatch("b1", 10, "SIGKILL");
      await ledger.voidBatch("b2", 11);
      assert.deepEqual(await attempts(ledger), [
        [A.key, 1],
        [B.key, undefined],
      ]);
      assert.deepEqual(await ledger.events(idOf(A)), [
        { at: 9, event: "released", batchId: "b1", detail: "SIGKILL" },
      ]);
      await planned(ledger, "b3", 1, A, B);
      await ledger.voidBatch("b3", 12, "SIGSEGV");
      assert.deepEqual(await attempts(ledger), [
        [A.key, 2],
        [B.key, 1],
      ]);
      await planned(ledger, "b4", 1, A);
      await ledger.settle(settling(1, "b4", [committed(A)]));
      await ledger.takeBack([{ ...idOf(A), batchId: "b4", state: "forgotten" }], 13);
      await ledger.observe([A], 14);
      assert.deepEqual(await attempts(ledger), [
        [A.key, undefined],
        [B.key, 1],
      ]);
      await ledger.clear();
      await ledger.observe([B], 15);
      assert.deepEqual(await attempts(ledger), [[B.key, undefined]]);
    },
  );
}

function settlePromises(promises: Promises): void {
  promises("settle gives every arrival what the manifest names and closes the batch", async (ledger) => {
    const bad = seen("bad");
    await planned(ledger, "b1", 1, A, B, bad);
    await ledger.settle(
      settling(1, "b1", [committed(A), { ...committed(bad), state: "quarantined", reason: "no JSON" }]),
    );
    assert.deepEqual(await ledger.get(idOf(A)), {
      ...A,
      state: "committed",
      discoveredAt: 1,
      batchId: "b1",
      vacated: false,
      outcome: COUNTS,
    });
    assert.equal((await ledger.get(idOf(bad)))?.reason, "no JSON");
    assert.equal(await stateOf(ledger, B), "discovered");
    const settled = {
      number: 1,
      batchId: "b1",
      state: "settled",
      plannedAt: 50,
      settledAt: 1001,
      version: 11,
    };
    assert.deepEqual(await ledger.batch("b1"), settled);
    assert.deepEqual(await ledger.lastTakenIn(), settled);
    assert.deepEqual((await ledger.summary()).rows, {
      read: 6,
      written: 4,
      rescued: 2,
      rejected: 2,
      corrupt: 2,
    });
    assert.deepEqual(await ledger.events(idOf(bad)), [
      { at: 1001, event: "quarantined", batchId: "b1", detail: "no JSON" },
    ]);
  });
  promises("settle takes in a batch that this ledger never heard of, or held as void", async (ledger) => {
    await ledger.settle(settling(1, "foreign", [committed(A)]));
    assert.equal((await ledger.get(idOf(A)))?.discoveredAt, 1001);
    await planned(ledger, "b2", 2, B);
    await ledger.voidBatch("b2", 9);
    await ledger.settle(settling(2, "b2", [committed(B)]));
    assert.equal((await ledger.batch("b2"))?.state, "settled");
    assert.equal(await stateOf(ledger, B), "committed");
  });
  promises("settle of a settled number does nothing, whoever names it", async (ledger) => {
    await planned(ledger, "b1", 1, A);
    await planned(ledger, "late", 1, B);
    await ledger.settle(settling(1, "b1", [committed(A)]));
    const before = await ledger.summary();
    await ledger.settle(settling(1, "b1", [gone(A)]));
    await ledger.settle(settling(1, "late", [committed(B)]));
    assert.deepEqual(await ledger.summary(), before);
    assert.equal((await ledger.batch("late"))?.state, "planned");
  });
  promises("a settled batch cannot be voided", async (ledger) => {
    await planned(ledger, "b1", 1, A);
    await ledger.settle(settling(1, "b1", [committed(A)]));
    await ledger.voidBatch("b1", 9);
    assert.equal((await ledger.batch("b1"))?.state, "settled");
    assert.equal(await stateOf(ledger, A), "committed");
  });
  promises(
    "settle takes the claim of another batch away, but not for a generation that was gone",
    async (ledger) => {
      await planned(ledger, "mine", 1, A, B);
      await ledger.settle(settling(1, "other", [committed(A), gone(B)]));
      assert.equal(await stateOf(ledger, A), "committed");
      assert.equal(await stateOf(ledger, B), "claimed");
      assert.deepEqual(
        (await ledger.claimed("mine")).map(({ key }) => key),
        [B.key],
      );
    },
  );
  promises("gone never takes an outcome back", async (ledger) => {
    await ledger.settle(settling(1, "b1", [committed(A)]));
    await ledger.settle(settling(2, "b2", [gone(A), gone(B)]));
    assert.equal(await stateOf(ledger, A), "committed");
    assert.equal(await stateOf(ledger, B), "skipped(gone)");
  });
  promises("a number that is left out, and a batch under another number, are refused", async (ledger) => {
    await planned(ledger, "b1", 1, A);
    await assert.rejects(ledger.settle(settling(2, "b2", [])), refused("INTERNAL"));
    await ledger.settle(settling(1, "b0", []));
    await assert.rejects(ledger.settle(settling(2, "b1", [])), refused("INTERNAL"));
    assert.equal((await ledger.lastTakenIn())?.number, 1);
  });
  promises("a settle with one impossible outcome changes nothing", async (ledger) => {
    await planned(ledger, "b1", 1, A);
    const bad = { ...committed(B), modifiedNs: "soon" };
    await assert.rejects(ledger.settle(settling(1, "b1", [committed(A), bad])), refused("INTERNAL"));
    assert.equal(await stateOf(ledger, A), "claimed");
    assert.equal((await ledger.batch("b1"))?.state, "planned");
  });
  promises("batches without a done mark are those that nobody marked", async (ledger) => {
    await ledger.settle(settling(1, "b1", []));
    await ledger.settle(settling(2, "b2", []));
    await ledger.markDone(1);
    await ledger.markDone(1);
    assert.deepEqual(
      (await ledger.batchesWithoutDoneMark()).map(({ number }) => number),
      [2],
    );
    await assert.rejects(ledger.markDone(3), refused("INTERNAL"));
  });
}

function afterwardsPromises(promises: Promises): void {
  promises("tidying vacates the name and ends in archived, deleted or moved", async (ledger) => {
    const bad = seen("bad");
    await ledger.settle(
      settling(1, "b1", [committed(A), committed(B), { ...committed(bad), state: "quarantined" }]),
    );
    await ledger.observe([seen("new")], 3);
    assert.deepEqual(await ledger.unknownVacateRecords(["r1", "r2"]), ["r1", "r2"]);
    await ledger.vacate("r1", "b1", [A, bad, seen("new")].map(idOf));
    await ledger.vacate("r2", "b9", [idOf(B)]);
    assert.deepEqual(await ledger.unknownVacateRecords(["r1", "r2", "r3"]), ["r3"]);
    await ledger.tidied([{ ...idOf(A), outcome: "archived", detail: "/done/a" }], 4);
    await ledger.tidied([{ ...idOf(bad), outcome: "moved", detail: "/bad/bad" }], 4);
    await ledger.tidied([{ ...idOf(B), outcome: "deleted" }], 5);
    const all = await ledger.arrivals({});
    assert.deepEqual(
      all.map(({ key, state, vacated }) => [key, state, vacated]),
      [
        ["a/1.json", "archived", true],
        ["a/2.json", "deleted", false],
        ["bad", "quarantined", true],
        ["new", "discovered", false],
      ],
    );
    assert.deepEqual(all[0]?.outcome, COUNTS);
    assert.deepEqual(await ledger.events(idOf(A)), [{ at: 4, event: "archived", detail: "/done/a" }]);
    assert.deepEqual((await ledger.events(idOf(bad))).at(-1), { at: 4, event: "moved", detail: "/bad/bad" });
    assert.deepEqual(await ledger.events(idOf(B)), [{ at: 5, event: "deleted" }]);
    await assert.rejects(
      ledger.tidied([{ ...idOf(seen("no")), outcome: "archived" }], 6),
      refused("INTERNAL"),
    );
  });
  promises("a batch is tidied to its end, and again where something of it was put back", async (ledger) => {
    const bad = seen("bad");
    await ledger.settle(settling(1, "b1", [committed(A), { ...committed(bad), state: "quarantined" }]));
    await ledger.settle(settling(2, "b2", [committed(B)]));
    const open = async (kind: "committed" | "quarantined", after = 0, limit = 9): Promise<number[]> =>
      (await ledger.untidiedBatches(kind, after, limit)).map(({ number }) => number);
    assert.deepEqual(await open("committed"), [1, 2]);
    assert.deepEqual(await open("committed", 1), [2]);
    assert.deepEqual(await open("committed", 0, 1), [1]);
    await ledger.batchTidied("committed", 1);
    await ledger.batchTidied("committed", 7);
    assert.deepEqual([await open("committed"), await open("quarantined")], [[2], [1, 2]]);
    await ledger.observe([bad, seen("new")], 5);
    assert.deepEqual(await open("committed"), [2]);
    await ledger.tidied([{ ...idOf(A), outcome: "archived" }], 6);
    await ledger.observe([A], 7);
    assert.deepEqual(await open("committed"), [1, 2]);
    await ledger.batchTidied("quarantined", 1);
    await ledger.observe([bad], 8);
    assert.deepEqual(await open("quarantined"), [1, 2]);
  });
  promises("what could not be tidied is counted and told, until it is", async (ledger) => {
    await ledger.settle(settling(1, "b1", [committed(A), committed(B)]));
    const failed = { outcome: "failed", detail: "permission denied" } as const;
    await ledger.tidied([{ ...idOf(A), ...failed }], 4);
    await ledger.tidied(
      [
        { ...idOf(A), ...failed, detail: "disk full" },
        { ...idOf(B), ...failed },
      ],
      5,
    );
    assert.equal((await ledger.summary()).tidyFailed, 2);
    assert.deepEqual(await ledger.events(idOf(A)), [{ at: 5, event: "tidyFailed", detail: "disk full" }]);
    assert.equal((await ledger.get(idOf(A)))?.state, "committed");
    await ledger.tidied([{ ...idOf(A), outcome: "deleted" }], 6);
    assert.deepEqual(await ledger.events(idOf(A)), [{ at: 6, event: "deleted" }]);
    assert.equal((await ledger.summary()).tidyFailed, 1);
    await ledger.batchTidied("committed", 1);
    assert.equal((await ledger.summary()).tidyFailed, undefined);
  });
  promises("a decision takes back the outcome that it names, once", async (ledger) => {
    await ledger.settle(settling(1, "b1", [committed(A), committed(B)]));
    await ledger.vacate("r1", "b1", [idOf(A)]);
    await ledger.tidied([{ ...idOf(A), outcome: "archived" }], 7);
    const forget = { ...idOf(A), batchId: "b1", state: "forgotten" as const };
    const undo = { ...idOf(B), batchId: "b1", state: "undone" as const };
    assert.equal(await ledger.takeBack([{ ...forget, batchId: "b0" }], 8), 0);
    assert.equal(await ledger.takeBack([forget, forget, undo], 9), 2);
    assert.deepEqual(await ledger.get(idOf(A)), {
      ...A,
      state: "forgotten",
      discoveredAt: 1001,
      vacated: false,
    });
    assert.deepEqual((await ledger.summary()).rows, {
      read: 0,
      written: 0,
      rescued: 0,
      rejected: 0,
      corrupt: 0,
    });
    assert.equal((await ledger.observe([A, B], 10)).returned, 1);
    await ledger.plan({ number: 2, batchId: "b2", at: 11 }, [idOf(A)]);
    await ledger.settle(settling(2, "b2", [committed(A)]));
    assert.equal(await ledger.takeBack([forget], 12), 0);
    assert.equal(await stateOf(ledger, A), "committed");
    assert.equal(await stateOf(ledger, B), "undone");
  });
  promises(
    "a decision that is known does nothing, and is known until the ledger is cleared",
    async (ledger) => {
      await ledger.settle(settling(1, "b1", [committed(A), committed(B)]));
      const forget = (id: ArrivalId) => ({ ...idOf(id), batchId: "b1", state: "forgotten" as const });
      const retry = { id: "d2", kind: "retry" };
      const other = { id: "d1", kind: "forget", outcomes: [] };
      assert.equal(await ledger.decide([{ ...retry, outcomes: [forget(A)] }, other], 8), 1);
      assert.equal(await ledger.decide([{ ...retry, outcomes: [forget(B)] }], 9), 0);
      assert.deepEqual(await ledger.decisions(), ["d1", "d2"]);
      assert.deepEqual(await ledger.events(idOf(A)), [
        { at: 8, event: "forgotten", batchId: "b1", detail: "retry" },
      ]);
      await ledger.clear();
      assert.deepEqual(await ledger.decisions(), []);
    },
  );
  promises("what was judged against a generation is forgotten with its outcome", async (ledger) => {
    const [grown, touched, adopted] = [seen(A.key, 200, 9), seen(A.key, 300), seen(A.key, 400)];
    await ledger.settle(settling(1, "b1", [committed(A), committed(B)]));
    await ledger.observe([grown, touched, adopted, seen(B.key, 500)], 2);
    await ledger.skip(
      [
        { ...idOf(grown), rule: "grown" },
        { ...idOf(touched), rule: "touched" },
        { ...idOf(adopted), rule: "adopted" },
        { ...idOf(seen(B.key, 500)), rule: "overwritten" },
      ],
      3,
    );
    const forget = { ...idOf(A), batchId: "b1", state: "forgotten" as const };
    assert.equal(await ledger.takeBack([forget], 8), 1);
    assert.deepEqual(await Promise.all([grown, touched, adopted].map((id) => stateOf(ledger, id))), [
      "forgotten",
      "forgotten",
      "skipped(adopted)",
    ]);
    assert.equal(await stateOf(ledger, seen(B.key, 500)), "skipped(overwritten)");
    assert.deepEqual((await ledger.summary()).skipped, { adopted: 1, overwritten: 1 });
    assert.equal((await ledger.observe([grown], 9)).returned, 1);
  });
}

function lookUpPromises(promises: Promises): void {
  promises(
    "arrivals come by the bytes of key and generation, in pages, by state and prefix",
    async (ledger) => {
      const keys = ["a/1", "a/2", "a0", "b", "\uFFFD", "\u{1F600}"];
      await ledger.observe(
        keys.toReversed().map((key) => seen(key, 10)),
        1,
      );
      await ledger.observe([seen("a/2", 9, 10), seen("a/2", 9)], 2);
      await ledger.skip([{ ...idOf(seen("b", 10)), rule: "touched" }], 3);
      const all = await ledger.arrivals({});
      assert.deepEqual(
        all.map(({ key, generation }) => `${key} ${generation}`),
        ["a/1 5-10", "a/2 10-9", "a/2 5-10", "a/2 5-9", "a0 5-10", "b 5-10", "\uFFFD 5-10", "\u{1F600} 5-10"],
      );
      const paged = [];
      for (let page = await ledger.arrivals({ limit: 3 }); page.length > 0;) {
        paged.push(...page);
        page = await ledger.arrivals({ limit: 3, after: idOf(page.at(-1)!) });
      }
      assert.deepEqual(paged, all);
      assert.equal((await ledger.arrivals({ keyPrefix: "a/" })).length, 4);
      assert.equal((await ledger.arrivals({ keyPrefix: "" })).length, all.length);
      assert.equal((await ledger.arrivals({ keyPrefix: "%" })).length, 0);
      assert.deepEqual(
        (await ledger.arrivals({ states: ["skipped"] })).map(({ key }) => key),
        ["b"],
      );
      assert.deepEqual(await ledger.arrivals({ states: [] }), []);
      assert.deepEqual(
        (
          await ledger.arrivals({ states: ["discovered"], keyPrefix: "a/2", after: idOf(seen("a/2", 10)) })
        ).map(idOf),
        [idOf(seen("a/2", 9))],
      );
    },
  );
  promises("generations of a key come oldest discovery first", async (ledger) => {
    await ledger.observe([seen("k", 30)], 1);
    await ledger.observe([seen("k", 20), seen("k", 10), seen("kk")], 2);
    assert.deepEqual(
      (await ledger.generations("k")).map(({ generation }) => generation),
      ["5-30", "5-10", "5-20"],
    );
    assert.deepEqual(await ledger.generations("none"), []);
  });
  promises("the summary counts states, rules, and the oldest of what is still to be read", async (ledger) => {
    await ledger.observe([A], 5);
    await ledger.observe([B, seen("c")], 6);
    assert.equal((await ledger.summary()).oldestWaitingAt, 5);
    await ledger.plan({ number: 1, batchId: "b1", at: 7 }, [idOf(A)]);
    assert.equal((await ledger.summary()).oldestWaitingAt, 5);
    await ledger.settle(settling(1, "b1", [committed(A)]));
    await ledger.skip([{ ...idOf(seen("c")), rule: "touched" }], 9);
    assert.deepEqual(await ledger.summary(), {
      states: { committed: 1, discovered: 1, skipped: 1 },
      skipped: { touched: 1 },
      rows: { read: 3, written: 2, rescued: 1, rejected: 1, corrupt: 1 },
      oldestWaitingAt: 6,
    });
    await ledger.skip([{ ...idOf(B), rule: "touched" }], 9);
    assert.equal("oldestWaitingAt" in (await ledger.summary()), false);
  });
  promises(
    "open batches come by number, then batchId; all batches the last heard of first",
    async (ledger) => {
      await planned(ledger, "z", 1);
      await planned(ledger, "y", 1);
      await planned(ledger, "x", 2);
      assert.deepEqual(
        (await ledger.openBatches()).map(({ batchId }) => batchId),
        ["y", "z", "x"],
      );
      assert.deepEqual(
        (await ledger.batches(2)).map(({ batchId }) => batchId),
        ["x", "y"],
      );
    },
  );
  promises("calls are answered in the order in which they were made", async (ledger) => {
    const answers: string[] = [];
    const note = (text: string) => (): number => answers.push(text);
    await Promise.all([
      ledger.observe([A], 1).then(note("observe")),
      ledger.plan({ number: 1, batchId: "b1", at: 2 }, [idOf(A)]).then(note("plan")),
      ledger.settle(settling(1, "b1", [committed(A)])).then(note("settle")),
      ledger.get(idOf(A)).then((arrival) => answers.push(arrival?.state ?? "none")),
    ]);
    assert.deepEqual(answers, ["observe", "plan", "settle", "committed"]);
  });
}
