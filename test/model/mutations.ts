/** Deliberate breakages, one rule each, with a scenario that shows it: by them the check is known to be able to fail. */
import { LOG_FOLDER } from "../../src/delta/log-files.ts";
import { readTableState } from "../../src/delta/table-state.ts";
import { takenNumber } from "../../src/ingest/take-in.ts";
import { serializeDoneMark } from "../../src/ingest/manifest.ts";
import { doneMarkKey, parseBatchName, parseFoldedName } from "../../src/ingest/state-keys.ts";
import { sha256 } from "../../src/ingest/state-file.ts";
import type { Arrival } from "../../src/ledger/ledger.ts";
import { withLedger, withStorage } from "./broken-ports.ts";
import { COMPACTION_MUTATIONS } from "./compaction-mutations.ts";
import type { Mutation } from "./scenario.ts";
import { APP_ID } from "./world.ts";

export interface CaughtMutation extends Mutation {
  /** Name of a scenario that shows it. */
  readonly caughtBy: string;
}

export const MUTATIONS: readonly CaughtMutation[] = [
  {
    name: "a full refresh leaves the id that it ends open",
    caughtBy: "full refresh, zombie of two batches",
    ports: (ports) =>
      withStorage(ports, {
        put(key, content, options) {
          const lines = content.toString().split("\n");
          const isRefresh = key.startsWith(LOG_FOLDER) && content.includes("fullRefresh");
          const kept = isRefresh ? lines.filter((line) => !line.startsWith('{"txn"')) : lines;
          return ports.storage.put(key, kept.join("\n"), options);
        },
      }),
  },
  {
    name: "a run takes the first state of the pipeline for the newest",
    caughtBy: "full refresh, crash",
    ports: (ports) => withStorage(ports, { folders: async () => [] }),
  },
  {
    name: "put-if-absent overwrites",
    caughtBy: "two hosts, no fault",
    storage: (storage) => ({ ...storage, put: (key, content) => storage.put(key, content) }),
  },
  {
    name: "a commit is rebased without a look at the table's txn",
    caughtBy: "two hosts, no fault",
    ports: (ports) =>
      withStorage(ports, {
        async put(key, content, options) {
          let at = key;
          for (;;) {
            const outcome = await ports.storage.put(at, content, options);
            if (outcome === "created" || !key.startsWith(LOG_FOLDER)) return outcome;
            at = at.replace(/\d{20}/, (version) => String(Number(version) + 1).padStart(20, "0"));
          }
        },
      }),
  },
  {
    name: "settle believes the claims, not the manifest",
    caughtBy: "quarantine",
    ports: (ports) =>
      withLedger(ports, {
        async settle(request) {
          const claimed = await ports.ledger.claimed(request.batchId);
          const isClaimed = ({ key, generation }: Pick<Arrival, "key" | "generation">): boolean =>
            claimed.some((arrival) => arrival.key === key && arrival.generation === generation);
          const outcomes = request.outcomes
            .filter(isClaimed)
            .map((outcome) => ({ ...outcome, state: "committed" as const }));
          await ports.ledger.settle({ ...request, outcomes });
        },
      }),
  },
  {
    name: "take-in is skipped, the number comes from the table",
    caughtBy: "lost ledger, three batches",
    ports: (ports) =>
      withLedger(ports, {
        async lastTakenIn() {
          const number = takenNumber(await readTableState({ storage: ports.storage }), APP_ID);
          return number === 0 ? undefined : { number, batchId: "", state: "settled", plannedAt: 0 };
        },
      }),
  },
  {
    name: "the number counts void batches",
    caughtBy: "one process, two batches",
    ports: (ports) =>
      withLedger(ports, {
        async lastTakenIn() {
          const batches = await ports.ledger.batches(100);
          return batches.toSorted((a, b) => b.number - a.number)[0];
        },
      }),
  },
  {
    name: "the done mark is written before the commit",
    caughtBy: "lost ledger, late put",
    ports: (ports) =>
      withStorage(ports, {
        async put(key, content, options) {
          const outcome = await ports.storage.put(key, content, options);
          const batch = parseBatchName(key);
          if (batch?.kind === "manifest") {
            const { number, batchId } = batch;
            const mark = serializeDoneMark({ number, batchId, version: number - 1, sha256: sha256(content) });
            await ports.storage.put(doneMarkKey("model", number, batchId), mark, { ifAbsent: true });
          }
          return outcome;
        },
      }),
  },
  {
    name: "void releases everything",
    caughtBy: "one process, two batches",
    ports: (ports) =>
      withLedger(ports, {
        async voidBatch(batchId, at) {
          await ports.ledger.voidBatch(batchId, at);
          const done = await ports.ledger.arrivals({ states: ["committed"] });
          await ports.ledger.takeBack(
            done.map((arrival) => ({ ...arrival, batchId: arrival.batchId!, state: "forgotten" as const })),
            at,
          );
        },
      }),
  },
  {
    name: "void releases nothing",
    caughtBy: "one process, crash",
    ports: (ports) => withLedger(ports, { voidBatch: async () => {} }),
  },
  {
    name: "a void batch stays void",
    caughtBy: "one process, late put",
    ports: (ports) =>
      withLedger(ports, {
        async settle(request) {
          const batch = await ports.ledger.batch(request.batchId);
          if (batch?.state !== "void") await ports.ledger.settle(request);
        },
      }),
  },
  {
    name: "files of a lost attempt are removed at once",
    caughtBy: "one process, late put",
    ports: (ports) =>
      withLedger(ports, {
        async voidBatch(batchId, at) {
          await ports.ledger.voidBatch(batchId, at);
          for await (const { key } of ports.storage.list({ prefix: "_landfall/model/batches/" }))
            if (key.includes(batchId)) await ports.storage.delete(key);
        },
      }),
  },
  {
    name: "what is gone stays gone",
    caughtBy: "vanish and return",
    ports: (ports) =>
      withLedger(ports, {
        async observe(observations, at) {
          const left = [];
          for (const observation of observations)
            if ((await ports.ledger.get(observation))?.rule !== "gone") left.push(observation);
          return ports.ledger.observe(left, at);
        },
      }),
  },
  {
    name: "generations are not compared",
    caughtBy: "one process, changes",
    ports: (ports) => ({
      ...ports,
      source: {
        ...ports.source,
        async look(key) {
          const known = await ports.ledger.generations(key);
          return known.find(({ state }) => state === "claimed") ?? ports.source.look(key);
        },
      },
    }),
  },
  {
    name: "the version is not read back",
    caughtBy: "clobber",
    ports: (ports) => {
      const written = new Map<string, Buffer>();
      return withStorage(ports, {
        async put(key, content, options) {
          const outcome = await ports.storage.put(key, content, options);
          if (outcome === "created" && key.startsWith(LOG_FOLDER)) written.set(key, Buffer.from(content));
          return outcome;
        },
        get: async (key) => written.get(key) ?? ports.storage.get(key),
      });
    },
  },
  {
    name: "onOverwrite is not judged",
    caughtBy: "one process, changes",
    ports: (ports) =>
      withLedger(ports, {
        candidates: async (limit) =>
          (await ports.ledger.candidates(limit)).map((candidate) => ({ ...candidate, others: [] })),
      }),
  },
  {
    name: "under append no generation waits for an earlier one",
    caughtBy: "one process, append",
    ports: (ports) =>
      withLedger(ports, {
        candidates: async (limit) =>
          (await ports.ledger.candidates(limit)).map((candidate) => ({ ...candidate, others: [] })),
      }),
  },
  {
    name: "what waited is never let go",
    caughtBy: "young files",
    ports: (ports) =>
      withLedger(ports, {
        async setWaiting(observations, at) {
          const before = await ports.ledger.arrivals({ states: ["waiting"] });
          await ports.ledger.setWaiting([...before, ...observations], at);
        },
      }),
  },
  {
    name: "what is too young is taken for gone",
    caughtBy: "young files",
    ports: (ports) =>
      withLedger(ports, {
        async observe(observations, at) {
          const left = [];
          for (const observation of observations)
            if ((await ports.ledger.get(observation))?.state !== "waiting") left.push(observation);
          return ports.ledger.observe(left, at);
        },
      }),
  },
  {
    name: "a plan that was overtaken goes on",
    caughtBy: "zombie, no fault",
    ports: (ports) =>
      withLedger(ports, {
        plan: async (batch, arrivals) => {
          await ports.ledger.plan(batch, arrivals);
          return "planned";
        },
      }),
  },
  {
    name: "a quarantined generation counts as one that stands",
    caughtBy: "quarantine",
    ports: (ports) =>
      withLedger(ports, {
        candidates: async (limit) =>
          (await ports.ledger.candidates(limit)).map((candidate) => ({
            ...candidate,
            others: candidate.others.map((other) =>
              other.state === "quarantined" ? { ...other, state: "committed" as const } : other,
            ),
          })),
      }),
  },
  {
    name: "what is folded goes before the file of it is written",
    caughtBy: "folding, crash",
    ports: (ports) =>
      withStorage(ports, {
        async put(key, content, options) {
          const range = parseFoldedName(key);
          if (range !== undefined)
            for await (const { key: original } of ports.storage.list({ prefix: "_landfall/model/batches/" }))
              if ((parseBatchName(original)?.number ?? Infinity) <= range.last)
                await ports.storage.delete(original);
          return ports.storage.put(key, content, options);
        },
      }),
  },
  {
    name: "a ledger that begins anew does not read what was folded",
    caughtBy: "folding, lost ledger",
    ports: (ports) =>
      withStorage(ports, {
        async *list(options) {
          const isNew = (await ports.ledger.lastTakenIn()) === undefined;
          for await (const object of ports.storage.list(options))
            if (!isNew || parseFoldedName(object.key) === undefined) yield object;
        },
      }),
  },
  {
    name: "a later baseline replaces the first",
    caughtBy: "baseline, two hosts",
    ports: (ports) =>
      withStorage(ports, {
        put: (key, content, options) =>
          ports.storage.put(key, content, key.endsWith("baseline.json") ? {} : options),
      }),
  },
  {
    name: "our clean-up of the log does not wait for done marks",
    caughtBy: "log trimmed, foreign",
    hastyTrim: true,
  },
  ...COMPACTION_MUTATIONS,
];
