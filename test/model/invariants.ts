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
import { manifestKey } from "../../src/ingest/state-keys.ts";
import { takeIn } from "../../src/ingest/take-in.ts";
import type { Arrival } from "../../src/ledger/ledger.ts";
import { memoryLedger, type MemoryLedger } from "../../src/ledger/memory-ledger.ts";
import { memoryStorage } from "../../src/storage/memory-storage.ts";
import { shortIds } from "./call.ts";
import { checkCompacted, checkLeftOver } from "./compacted.ts";
import { foldedIn } from "./folded-in.ts";
import { isBatch } from "./landed.ts";
import { modelId, NOW } from "./process.ts";
import type { Scenario } from "./scenario.ts";
import type { State } from "./state.ts";
import { APP_ID, keyName, observationOf, rowName, type StoreContent, type World } from "./world.ts";

export interface InvariantOptions {
  readonly world: World;
  readonly scenario: Scenario;
  readonly parquet: ParquetAccess;
}

export function invariants(options: InvariantOptions) {
  const { world, scenario, parquet } = options;
  const ofStore = new Map<number, Promise<string | undefined>>();
  const ofPair = new Map<string, Promise<string | undefined>>();
  const rebuilt = new Map<number, Promise<string>>();

  const once = <K, V>(map: Map<K, V>, key: K, make: () => V): V => {
    const known = map.get(key);
    if (known !== undefined) return known;
    const made = make();
    map.set(key, made);
    return made;
  };
  const rebuild = (store: number): Promise<string> =>
    once(rebuilt, store, () => takenIn(memoryLedger(), world.stores.at(store), parquet));

  const checkPair = async (store: number, ledger: number): Promise<string | undefined> => {
    const content = world.stores.at(store);
    const false_ = await checkLedger(world.ledgers.at(ledger), content);
    if (false_ !== undefined) return false_;
    const now = await takenIn(world.ledgers.at(ledger).copy(), content, parquet);
    const anew = await rebuild(store);
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
        const told = await once(ofPair, `${store} ${ledger}`, () => checkPair(store, ledger));
        if (told !== undefined) return `ledger ${host}: ${told}`;
      }
      return undefined;
    },
    /** What is wrong with a state in which no run would change anything. */
    async atRest({ shared }: State): Promise<string | undefined> {
      const store = world.stores.at(shared.store);
      const files = world.sources.at(shared.source);
      const hosts = new Set(scenario.hosts ?? [0]);
      const ledgers = [...hosts].map((host) => world.ledgers.at(shared.ledgers[host]!));
      for (const ledger of ledgers) {
        const [open] = await ledger.openBatches();
        if (open !== undefined)
          return shortIds(`I5: batch ${open.number}/${open.batchId} stays ${open.state}`);
        const [waiting] = await ledger.arrivals({ states: ["waiting"], limit: 1 });
        if (waiting !== undefined) return `I5: ${rowName(waiting)} stays waiting`;
      }
      if (isRefusal(await rebuild(shared.store)))
        return `I4: what these ledgers know cannot be rebuilt: ${await rebuild(shared.store)}`;
      const left = checkLeftOver(store);
      if (left !== undefined) return left;
      for (const [key, g] of files.entries()) {
        const wrong = g < 0 ? undefined : await checkFile({ key, g, store, ledgers });
        if (wrong !== undefined) return wrong;
      }
      return undefined;
    },
  };
}

const isRefusal = (text: string): boolean => text.startsWith("refused");

/**
 * I1: rows at most once. I6: no batch holds two generations of a key, and under `ignore` no second one is added beside one that
 * stands. Every live file is there.
 */
function checkStore(store: StoreContent, scenario: Scenario): string | undefined {
  const added = new Map<string, number>();
  const batches = [...store.landed.values()].filter(isBatch);
  for (const landed of batches) {
    for (const row of landed.rows) added.set(row, (added.get(row) ?? 0) + 1);
  }
  for (const [row, times] of added) {
    if (times > 1) return `I1: the rows of ${row} were added ${times} times`;
    if (row.endsWith("missing")) return `I1: ${shortIds(row)}`;
  }
  for (const landed of batches) {
    if (manifestText(landed, store) === undefined)
      return shortIds(`I4: the manifest of ${landed.number}/${landed.batchId} is gone, and it has committed`);
    const manifest = manifestOf(landed, store);
    const named = manifest?.arrivals.map(({ key }) => key) ?? [];
    const doubled = named.find((key, index) => named.indexOf(key) !== index);
    if (doubled !== undefined) return `I6: one batch holds two generations of ${doubled}`;
  }
  const compacted = checkCompacted(store);
  if (compacted !== undefined || scenario.onOverwrite === "append") return compacted;
  const keys = [...added.keys()].map((row) => row.split(".")[0]);
  const twice = keys.find((key, index) => keys.indexOf(key) !== index);
  return twice === undefined ? undefined : `I6: two generations of ${twice} were added under ignore`;
}

/** I2: what a ledger calls committed or quarantined is so in the log; a file waits under one generation. */
async function checkLedger(ledger: MemoryLedger, store: StoreContent): Promise<string | undefined> {
  const waiting = (await ledger.arrivals({ states: ["waiting"] })).map(({ key }) => key);
  if (new Set(waiting).size < waiting.length) return `I2: one file waits twice: ${waiting.join(", ")}`;
  for (const arrival of await ledger.arrivals({ states: ["committed", "quarantined"] })) {
    const row = rowName(arrival);
    const commit = [...store.landed.values()]
      .filter(isBatch)
      .find(({ batchId }) => batchId === arrival.batchId);
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
  commit: { readonly number: number; readonly batchId: string },
  store: StoreContent,
): boolean {
  return (
    manifestOf(commit, store)?.arrivals.some(
      ({ key, generation, outcome }) =>
        key === arrival.key && generation === arrival.generation && outcome === "quarantined",
    ) ?? false
  );
}

function manifestOf(
  commit: { readonly number: number; readonly batchId: string },
  store: StoreContent,
): Manifest | undefined {
  const content = manifestText(commit, store);
  if (content === undefined) return undefined;
  const { number, batchId } = commit;
  return parseManifest(content, { file: manifestKey("model", number, batchId), number, batchId });
}

/** As it was written, or folded. */
function manifestText(
  { number, batchId }: { readonly number: number; readonly batchId: string },
  store: StoreContent,
): Buffer | undefined {
  const standing = store.objects.get(manifestKey("model", number, batchId));
  if (standing !== undefined) return standing;
  const folded = foldedIn(store, number);
  return folded?.batchId === batchId ? Buffer.from(folded.manifest) : undefined;
}

/** The outcomes of a ledger after a take-in by the real function, as text; or why take-in refuses. */
async function takenIn(ledger: MemoryLedger, store: StoreContent, parquet: ParquetAccess): Promise<string> {
  const storage = memoryStorage({ nowNs: () => 0n });
  for (const [key, content] of store.objects) storage.objects.set(key, { content, modifiedNs: "0" });
  const context: PipelineContext = {
    name: "model",
    pipelineId: modelId(9, 0),
    appId: APP_ID,
    table: openTable({ storage, parquet }),
    ledger,
    clock: { now: () => NOW, sleep: async () => {} },
    newId: () => modelId(9, 1),
    emit: () => {},
  };
  try {
    await takeIn(context);
    const baseline = await readBaseline(storage, "model");
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
  readonly ledgers: readonly MemoryLedger[];
}): Promise<string | undefined> {
  const { store } = options;
  const id = observationOf(options.key, options.g);
  const row = rowName(id);
  const commits = [...store.landed.values()].filter(isBatch);
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
