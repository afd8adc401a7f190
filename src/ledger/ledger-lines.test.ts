import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { writeLedgerLines } from "./ledger-lines.ts";
import type { Arrival, ManifestOutcome, Observation } from "./ledger.ts";
import { openSqliteLedger } from "./sqlite-ledger.ts";

const seen = (key: string, generation = "5-100", size = 5, modifiedNs = "100"): Observation => ({
  key,
  generation,
  size,
  modifiedNs,
});

const outcome = (observation: Observation, more: Partial<ManifestOutcome> = {}): ManifestOutcome => ({
  ...observation,
  state: "committed",
  counts: { bytes: observation.size, crc32: 4_000_000_000, read: 3, written: 3, rescued: 0, rejected: 0 },
  ...more,
});

/** As the lines tell it; what they leave out is null there. */
function told(arrival: Arrival): object {
  const { outcome: counts } = arrival;
  return {
    key: arrival.key,
    generation: arrival.generation,
    size: arrival.size,
    modified: arrival.modifiedNs,
    state: arrival.state,
    rule: arrival.rule ?? null,
    reason: arrival.reason ?? null,
    discovered: arrival.discoveredAt,
    batch_id: arrival.batchId ?? null,
    bytes: counts?.bytes ?? null,
    crc32: counts?.crc32 ?? null,
    read: counts?.read ?? null,
    written: counts?.written ?? null,
    rescued: counts?.rescued ?? null,
    rejected: counts?.rejected ?? null,
    corrupt: counts === undefined ? null : (counts.corrupt ?? 0),
    vacated: arrival.vacated ? 1 : 0,
  };
}

test("each arrival is a line that says what the port says of it, and each batch sums up its own", async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, "ledger.db");
  const ledger = await openSqliteLedger({ path });
  const plain = seen("a/1.json");
  const odd = seen('a/ü%\n".json', "abc-etag", 7, "1795316463612600617");
  const bad = seen("bad.json", "6-100", 6);
  const gone = seen("gone.json");
  const old = seen("old.json", "9-1");
  try {
    await ledger.observe([plain, odd, bad, gone], 50);
    await ledger.setWaiting([seen("young.json", "1-2", 1, "-2")], 60);
    await ledger.baseline([old], 70);
    await ledger.plan({ number: 1, batchId: "b1", at: 80 }, [plain, odd, bad, gone]);
    await ledger.settle({
      number: 1,
      batchId: "b1",
      version: 4,
      at: 90,
      outcomes: [
        outcome(plain),
        outcome(odd, {
          counts: { bytes: 6, crc32: 1, read: 9, written: 5, rescued: 2, rejected: 4, corrupt: 1 },
        }),
        outcome(bad, {
          state: "quarantined",
          reason: 'no "JSON"',
          counts: { bytes: 6, crc32: 2, read: 0, written: 0, rescued: 0, rejected: 0 },
        }),
        outcome(gone, {
          state: "skipped",
          rule: "gone",
          counts: { bytes: 0, crc32: 0, read: 0, written: 0, rescued: 0, rejected: 0 },
        }),
      ],
    });
    await ledger.vacate("r1", "b1", [plain]);
    await ledger.tidied([{ ...plain, outcome: "archived", detail: "/archive/1.json" }], 95);
    await ledger.tidied([{ ...bad, outcome: "failed", detail: "read-only" }], 96);
    await ledger.observe([seen("next.json")], 97);
    await ledger.plan({ number: 2, batchId: "b2", at: 98 }, [seen("next.json")]);

    const to = { arrivals: join(folder, "arrivals.json"), batches: join(folder, "batches.json") };
    await writeLedgerLines({ path, pipeline: "in-1", to });
    // Modifications are beyond what a Number holds exactly.
    const lines = readFileSync(to.arrivals, "utf8")
      .trimEnd()
      .split("\n")
      .map(
        (line) =>
          JSON.parse(line.replace(/"modified":(-?\d+)/, '"modified":"$1"')) as Record<string, unknown>,
      );
    const arrivals = await ledger.arrivals({});
    assert.equal(arrivals.length, 7);
    for (const [i, arrival] of arrivals.entries()) {
      const line = lines.find(
        ({ key, generation }) => key === arrival.key && generation === arrival.generation,
      )!;
      const expected = told(arrival);
      assert.deepEqual({ ...line, ...expected }, line, `arrival ${i}`);
      assert.equal(line["pipeline"], "in-1");
    }
    const of = (key: string): Record<string, unknown> => lines.find((line) => line["key"] === key)!;
    assert.deepEqual([of("a/1.json")["moved"], of("a/1.json")["moved_to"]], [95, "/archive/1.json"]);
    assert.deepEqual(
      [of("a/1.json")["number"], of("a/1.json")["version"], of("a/1.json")["settled"]],
      [1, 4, 90],
    );
    assert.equal(of("bad.json")["tidy_failure"], "read-only");
    const batches = readFileSync(to.batches, "utf8").trimEnd().split("\n");
    assert.deepEqual(
      batches.map((line) => JSON.parse(line) as unknown),
      [
        {
          pipeline: "in-1",
          number: 1,
          batch_id: "b1",
          state: "settled",
          planned: 80,
          settled: 90,
          version: 4,
          files: 4,
          committed: 2,
          quarantined: 1,
          skipped: 1,
          bytes: 17,
          read: 12,
          written: 8,
          rescued: 2,
          rejected: 4,
          corrupt: 1,
        },
        {
          pipeline: "in-1",
          number: 2,
          batch_id: "b2",
          state: "planned",
          planned: 98,
          settled: null,
          version: null,
          files: 1,
          committed: 0,
          quarantined: 0,
          skipped: 0,
          bytes: 0,
          read: 0,
          written: 0,
          rescued: 0,
          rejected: 0,
          corrupt: 0,
        },
      ],
    );
  } finally {
    await ledger.close();
  }
});
