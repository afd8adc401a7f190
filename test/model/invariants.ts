/**
 * What must hold in every state, and once everything has come to rest (exactly-once rules, "What verify means": the oracle). Worked
 * out once for each pair of contents.
 */
import { isLandfallError } from "../../src/base/landfall-error.ts";
import type { ParquetAccess } from "../../src/delta/checkpoint-rows.ts";
import { applyBaseline, readBaseline } from "../../src/ingest/baseline.ts";
import { parseManifest, type Manifest } from "../../src/ingest/manifest.ts";
import { openTable } from "../../src/ingest/open-table.ts";
import type { PipelineContext } from "../../src/ingest/pipeline-context.ts";
import { nameOfOrdinal } from "../../src/ingest/pipeline-name.ts";
import { manifestKey } from "../../src/ingest/state-keys.ts";
import { takeIn } from "../../src/ingest/take-in.ts";
import type { Arrival } from "../../src/ledger/ledger.ts";
import { memoryLedger, type MemoryLedger } from "../../src/ledger/memory-ledger.ts";
import { memoryStorage } from "../../src/storage/memory-storage.ts";
import { shortIds } from "./call.ts";
import { hostsOf } from "./commuting.ts";
import { checkCompacted, checkLeftOver } from "./compacted.ts";
import { foldedIn } from "./folded-in.ts";
import { isBatch, isRefresh, type LandedBatch } from "./landed.ts";
import { modelId } from "./model-id.ts";
import { NOW } from "./process.ts";
import { FIRST, newestState } from "./pipeline-state.ts";
import type { Scenario } from "./scenario.ts";
import type { State } from "./state.ts";
import { keyName, observationOf, rowName, type StoreContent, type World } from "./world.ts";

export interface InvariantOptions {
  readonly world: World;
  readonly scenario: Scenario;
  readonly parquet: ParquetAccess;
}

export function invariants(options: InvariantOptions) {
  const { world, scenario, parquet } = options;
  const ofStore = new Map<number, Promise<string | undefined>>();
  const ofPair = new Map<string, Promise<string | undefined>>();
  const rebuilt = new Map<string, Promise<string>>();
  const hosts = Math.max(...hostsOf(scenario)) + 1;

  const once = <K, V>(map: Map<K, V>, key: K, make: () => V): V => {
    const known = map.get(key);
    if (known !== undefined) return known;
    const made = make();
    map.set(key, made);
    return made;
  };
  const rebuild = (store: number, ordinal: number): Promise<string> =>
    once(rebuilt, `${store} ${ordinal}`, () =>
      takenIn(memoryLedger(), { store: world.stores.at(store), ordinal, parquet }),
    );

  const checkPair = async (store: number, ledger: number, ordinal: number): Promise<string | undefined> => {
    const content = world.stores.at(store);
    const false_ = await checkLedger(world.ledgers.at(ledger), content, ordinal);
    if (false_ !== undefined) return false_;
    const now = await takenIn(world.ledgers.at(ledger).copy(), { store: content, ordinal, parquet });
    const anew = await rebuild(store, ordinal);
    if (now === anew) return undefined;
    if (scenario.foreignTrim !== undefined && (isRefusal(now) || isRefusal(anew))) return undefined;
    return `I4: the ledger brought up to date says ${now}; rebuilt it says ${anew}`;
  };

  return {
    /** What is wrong with a state, in one sentence. */
    async everywhere({ shared }: Pick<State, "shared">): Promise<string | undefined> {
      const { store } = shared;
      const wrong = await once(ofStore, store, () =>
        Promise.resolve(checkStore(world.stores.at(store), scenario)),
      );
      if (wrong !== undefined) return wrong;
      for (const [host, ledger] of shared.ledgers.entries()) {
        const ordinal = Math.floor(host / hosts) + 1;
        const told = await once(ofPair, `${store} ${ledger} ${ordinal}`, () =>
          checkPair(store, ledger, ordinal),
        );
        if (told !== undefined) return `ledger ${host}: ${told}`;
      }
      return undefined;
    },
    /** What is wrong with a state in which no run would change anything. */
    async atRest({ shared }: State): Promise<string | undefined> {
      const store = world.stores.at(shared.store);
      const files = world.sources.at(shared.source);
      const { ordinal } = await newestState(storageOf(store));
      const isCutOff = [...store.landed.values()].filter(isRefresh).length !== ordinal - 1;
      if (isCutOff) return "I8: the full refresh has committed, and the pipeline stays ended";
      const of = new Set(hostsOf(scenario));
      const ledgers = [...of].map((host) => world.ledgers.at(shared.ledgers[host + (ordinal - 1) * hosts]!));
      for (const ledger of ledgers) {
        const [open] = await ledger.openBatches();
        if (open !== undefined)
          return shortIds(`I5: batch ${open.number}/${open.batchId} stays ${open.state}`);
        const [waiting] = await ledger.arrivals({ states: ["waiting"], limit: 1 });
        if (waiting !== undefined) return `I5: ${rowName(waiting)} stays waiting`;
      }
      if (isRefusal(await rebuild(shared.store, ordinal)))
        return `I4: what these ledgers know cannot be rebuilt: ${await rebuild(shared.store, ordinal)}`;
      const left = checkLeftOver(store);
      if (left !== undefined) return left;
      for (const [key, g] of files.entries()) {
        const wrong = g < 0 ? undefined : await checkFile({ key, g, store, ordinal, ledgers });
        if (wrong !== undefined) return wrong;
      }
      return undefined;
    },
  };
}

/** A batch by its names. */
type BatchOf = Pick<LandedBatch, "ordinal" | "number" | "batchId">;

function storageOf(store: StoreContent): ReturnType<typeof memoryStorage> {
  const storage = memoryStorage({ nowNs: () => 0n });
  for (const [key, content] of store.objects) storage.objects.set(key, { content, modifiedNs: "0" });
  return storage;
}

const isRefusal = (text: string): boolean => text.startsWith("refused");

/**
 * I1: rows at most once. I6: no batch holds two generations of a key, and under `ignore` no second one is added beside one that
 * stands. Every live file is there.
 */
function checkStore(store: StoreContent, scenario: Scenario): string | undefined {
  const batches = [...store.landed.values()].filter(isBatch);
  for (const ordinal of new Set(batches.map((batch) => batch.ordinal))) {
    const twice = checkAdded(
      batches.filter((batch) => batch.ordinal === ordinal),
      scenario,
    );
    if (twice !== undefined) return twice;
  }
  for (const landed of batches) {
    if (manifestText(landed, store) === undefined)
      return shortIds(`I4: the manifest of ${landed.number}/${landed.batchId} is gone, and it has committed`);
    const manifest = manifestOf(landed, store);
    const named = manifest?.arrivals.map(({ key }) => key) ?? [];
    const doubled = named.find((key, index) => named.indexOf(key) !== index);
    if (doubled !== undefined) return `I6: one batch holds two generations of ${doubled}`;
  }
  return checkEnded(store) ?? checkCompacted(store);
}

/** I8: of an id that was ended nothing lands any more. */
function checkEnded(store: StoreContent): string | undefined {
  let ordinal = 1;
  for (const [version, landed] of [...store.landed].sort(([a], [b]) => a - b)) {
    if (isRefresh(landed)) ordinal += 1;
    if (isBatch(landed) && landed.ordinal !== ordinal)
      return shortIds(`I8: version ${version} is a batch of the id that was ended, ${landed.batchId}`);
  }
  return undefined;
}

/** Of one id of the pipeline. */
function checkAdded(batches: readonly LandedBatch[], scenario: Scenario): string | undefined {
  const added = new Map<string, number>();
  for (const landed of batches) {
    for (const row of landed.rows) added.set(row, (added.get(row) ?? 0) + 1);
  }
  for (const [row, times] of added) {
    if (times > 1) return `I1: the rows of ${row} were added ${times} times`;
    if (row.endsWith("missing")) return `I1: ${shortIds(row)}`;
  }
  if (scenario.onOverwrite === "append") return undefined;
  const keys = [...added.keys()].map((row) => row.split(".")[0]);
  const twice = keys.find((key, index) => keys.indexOf(key) !== index);
  return twice === undefined ? undefined : `I6: two generations of ${twice} were added under ignore`;
}

/** I2: what a ledger calls committed or quarantined is so in the log; a file waits under one generation. */
async function checkLedger(
  ledger: MemoryLedger,
  store: StoreContent,
  ordinal: number,
): Promise<string | undefined> {
  const waiting = (await ledger.arrivals({ states: ["waiting"] })).map(({ key }) => key);
  if (new Set(waiting).size < waiting.length) return `I2: one file waits twice: ${waiting.join(", ")}`;
  for (const arrival of await ledger.arrivals({ states: ["committed", "quarantined"] })) {
    const row = rowName(arrival);
    const commit = [...store.landed.values()]
      .filter(isBatch)
      .find((batch) => batch.batchId === arrival.batchId && batch.ordinal === ordinal);
    if (commit === undefined)
      return shortIds(`I2: ${row} is ${arrival.state} by ${arrival.batchId}, which never committed`);
    if (arrival.state === "committed" && !commit.rows.includes(row))
      return `I2: ${row} is committed, and the table has no row of it`;
    if (arrival.state === "quarantined" && !isQuarantined(arrival, commit, store))
      return `I2: ${row} is quarantined, and no manifest of a committed batch says so`;
  }
  return undefined;
}

function isQuarantined(
  arrival: Pick<Arrival, "key" | "generation">,
  commit: BatchOf,
  store: StoreContent,
): boolean {
  return (
    manifestOf(commit, store)?.arrivals.some(
      ({ key, generation, outcome }) =>
        key === arrival.key && generation === arrival.generation && outcome === "quarantined",
    ) ?? false
  );
}

function manifestOf(commit: BatchOf, store: StoreContent): Manifest | undefined {
  const content = manifestText(commit, store);
  if (content === undefined) return undefined;
  const { ordinal, number, batchId } = commit;
  return parseManifest(content, {
    file: manifestKey(nameOfOrdinal("model", ordinal), number, batchId),
    number,
    batchId,
  });
}

/** As it was written, or folded. */
function manifestText({ ordinal, number, batchId }: BatchOf, store: StoreContent): Buffer | undefined {
  const standing = store.objects.get(manifestKey(nameOfOrdinal("model", ordinal), number, batchId));
  if (standing !== undefined) return standing;
  const folded = foldedIn(store, number);
  return folded?.batchId === batchId ? Buffer.from(folded.manifest) : undefined;
}

/** The outcomes of a ledger after a take-in by the real function, as text; or why take-in refuses. */
async function takenIn(
  ledger: MemoryLedger,
  options: { readonly store: StoreContent; readonly ordinal: number; readonly parquet: ParquetAccess },
): Promise<string> {
  const { store, parquet } = options;
  const storage = storageOf(store);
  const newest = await newestState(storage);
  const { ordinal: _none, ...known } = options.ordinal === 1 ? FIRST : newest;
  // The state that a refresh is to make: nobody can have put anything into its ledger.
  if (newest.ordinal < options.ordinal)
    return (await ledger.arrivals({ limit: 1 })).length === 0 ? "nothing" : "what nobody can know";
  const context: PipelineContext = {
    ...known,
    table: openTable({ storage, parquet }),
    ledger,
    clock: { now: () => NOW, sleep: async () => {} },
    newId: () => modelId(9, 1),
    emit: () => {},
  };
  try {
    await takeIn(context);
    const baseline = await readBaseline(storage, known.name);
    if (baseline !== undefined) await applyBaseline({ baseline, ledger, at: NOW });
  } catch (error) {
    if (isLandfallError(error)) return shortIds(`refused: ${error.code} ${error.message}`);
    throw error;
  }
  const outcomes = (await ledger.arrivals({})).flatMap((arrival) => {
    const { state, rule, batchId } = arrival;
    if (state === "committed" || state === "quarantined")
      return [shortIds(`${rowName(arrival)} ${state} by ${batchId}`)];
    return rule === "baseline" ? [`${rowName(arrival)} skipped(baseline)`] : [];
  });
  return outcomes.sort().join(", ") || "nothing";
}

/** I2 at rest: what lies in the source is in the table, quarantined, or skipped for a reason that holds. */
async function checkFile(options: {
  readonly key: number;
  readonly g: number;
  readonly store: StoreContent;
  /** Of the pipeline's newest state. */
  readonly ordinal: number;
  readonly ledgers: readonly MemoryLedger[];
}): Promise<string | undefined> {
  const { store, ordinal } = options;
  const id = observationOf(options.key, options.g);
  const row = rowName(id);
  const commits = [...store.landed.values()].filter(isBatch).filter((batch) => batch.ordinal === ordinal);
  if (commits.some(({ rows }) => rows.includes(row))) return undefined;
  if (commits.some((commit) => isQuarantined(id, commit, store))) return undefined;
  const states: string[] = [];
  for (const ledger of options.ledgers) {
    const arrival = await ledger.get(id);
    states.push(
      arrival?.rule === undefined ? (arrival?.state ?? "unknown") : `${arrival.state}(${arrival.rule})`,
    );
  }
  if (states.includes("skipped(baseline)") && isInBaseline(id, store)) return undefined;
  const standing = commits.some(({ rows }) =>
    rows.some((other) => other.startsWith(`${keyName(options.key)}.`)),
  );
  if (states.includes("skipped(overwritten)") && standing) return undefined;
  return `I2: ${row} lies in the source and was never read (${states.join(", ")})`;
}

function isInBaseline(id: Pick<Arrival, "key" | "generation">, store: StoreContent): boolean {
  if (store.baseline === undefined) return false;
  const { arrivals } = JSON.parse(store.baseline.toString()) as { readonly arrivals: readonly Arrival[] };
  return arrivals.some(({ key, generation }) => key === id.key && generation === id.generation);
}
