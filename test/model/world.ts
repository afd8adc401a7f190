/**
 * What processes share: a store, ledgers, a source. Contents are interned, so that a state of the world is a few small numbers and
 * what a call does to a content is worked out once.
 */
import { LandfallError } from "../../src/base/landfall-error.ts";
import { parseCommit } from "../../src/delta/commit-json.ts";
import { LOG_FOLDER, parseLogFileName } from "../../src/delta/log-files.ts";
import { appIdOf } from "../../src/ingest/pipeline-identity.ts";
import { baselineKey } from "../../src/ingest/state-keys.ts";
import type { Observation } from "../../src/ledger/ledger.ts";
import { memoryLedger, type MemoryLedger } from "../../src/ledger/memory-ledger.ts";
import { memorySource } from "../../src/sources/memory-source.ts";
import type { SourceListing } from "../../src/sources/source.ts";
import { memoryStorage } from "../../src/storage/memory-storage.ts";
import { listAll, type ListOptions, type PutOptions, type Storage } from "../../src/storage/storage.ts";
import { callText, isRead, type Answer, type Call } from "./call.ts";
import { isRefresh, landedOf, type Landed } from "./landed.ts";
import type { Mutation } from "./scenario.ts";
import { shelf } from "./shelf.ts";

export const APP_ID = "landfall-model";

export interface StoreContent {
  readonly objects: ReadonlyMap<string, Buffer>;
  /** Every version that was ever made, trimmed ones too; what was clobbered is replaced. */
  readonly landed: ReadonlyMap<number, Landed>;
  /** The baseline as it was first written. */
  readonly baseline?: Buffer;
}

/** A state of all that is shared. */
export interface Shared {
  readonly store: number;
  readonly ledgers: readonly number[];
  readonly source: number;
}

export const keyName = (index: number): string => String.fromCodePoint(97 + index);

/** The generation `g` of a key: a later one is younger and longer. */
export function observationOf(key: number, g: number): Observation {
  const modifiedNs = `${g + 1}000000000`;
  return { key: keyName(key), generation: `${g + 10}-${modifiedNs}`, size: g + 10, modifiedNs };
}

/** `a.0` for the generation 0 of the key `a`. */
export function rowName(arrival: { readonly key: string; readonly generation: string }): string {
  return `${arrival.key}.${Number(arrival.generation.split("-")[0]) - 10}`;
}

interface Done {
  readonly answer: number;
  readonly content: number;
}

export function createWorld(options: {
  /** Those of all hosts for each state of the pipeline. */
  readonly ledgers: number;
  readonly hosts: number;
  readonly files: readonly number[];
  /** What lies beside the table from the start. */
  readonly objects?: ReadonlyMap<string, Buffer>;
  readonly mutation?: Mutation | undefined;
}) {
  const stores = shelf<StoreContent>();
  const ledgers = shelf<MemoryLedger>();
  const sources = shelf<readonly number[]>();
  const answers = shelf<Answer>();
  const contents = shelf<string>();
  /** What a call does to a content: by the call's text, then by the port's content. */
  const known = new Map<string, Map<number, Done>>();
  const ofCall = new WeakMap<Call, Map<number, Done>>();
  const doneBy = (call: Call): Map<number, Done> => {
    const found = ofCall.get(call) ?? known.get(callText(call)) ?? new Map<number, Done>();
    ofCall.set(call, found);
    return found;
  };

  const addStore = (content: StoreContent): number => {
    const objects = [...content.objects].map(
      ([key, bytes]) => `${key}=${contents.put(bytes.toString(), "")}`,
    );
    return stores.put(
      objects.sort().join("\n") + JSON.stringify([...content.landed, content.baseline]),
      content,
    );
  };
  const addLedger = (ledger: MemoryLedger): number => ledgers.put(ledger.dump(), ledger);
  const addSource = (files: readonly number[]): number => sources.put(files.join(), files);
  const addAnswer = (answer: Answer): number => answers.put(answerText(answer), answer);

  const ledgerOf = (host: number, { ordinal = 1 }: Call): number => host + (ordinal - 1) * options.hosts;
  const onStore = async (id: number, call: Call) => {
    const before = stores.at(id);
    const memory = memoryStorage({ nowNs: () => 0n });
    for (const [key, content] of before.objects) memory.objects.set(key, { content, modifiedNs: "0" });
    const broken = options.mutation?.storage?.(memory) ?? memory;
    const answer = await attempt(() => storageCall(broken, call));
    const content = isRead(call) ? id : addStore(storeContent(memory.objects, before));
    return { answer: addAnswer(answer), content };
  };
  const onLedger = async (id: number, call: Call) => {
    const ledger = isRead(call) ? ledgers.at(id) : ledgers.at(id).copy();
    const method = ledger[call.method as "observe"].bind(ledger) as (...args: readonly unknown[]) => unknown;
    const answer = await attempt(() => method(...call.args));
    return { answer: addAnswer(answer), content: isRead(call) ? id : addLedger(ledger) };
  };
  const onSource = async (id: number, call: Call) => {
    const source = memorySource(objectsOf(sources.at(id)));
    const answer = await attempt(async () => {
      if (call.method !== "list") return source.look(call.args[0] as string);
      const listings: SourceListing[] = [];
      for await (const listing of source.list()) listings.push(listing);
      return listings;
    });
    return { answer: addAnswer(answer), content: id };
  };

  return {
    stores,
    ledgers,
    sources,
    answers,
    addAnswer,
    addStore,
    addLedger,
    addSource,
    initial: (): Shared => ({
      store: addStore({ objects: options.objects ?? new Map(), landed: new Map() }),
      ledgers: Array.from({ length: options.ledgers }, () => addLedger(memoryLedger())),
      source: addSource(options.files),
    }),
    /** One call of a process whose ledger is the given one. */
    async perform(shared: Shared, ledger: number, call: Call): Promise<{ shared: Shared; answer: number }> {
      if (call.port === "clock") return { shared, answer: addAnswer({ value: undefined }) };
      const id =
        call.port === "storage"
          ? shared.store
          : call.port === "ledger"
            ? shared.ledgers[ledgerOf(ledger, call)]!
            : shared.source;
      const byContent = doneBy(call);
      let done = byContent.get(id);
      if (done === undefined) {
        const how = call.port === "storage" ? onStore : call.port === "ledger" ? onLedger : onSource;
        done = await how(id, call);
        byContent.set(id, done);
        known.set(callText(call), byContent);
      }
      const { answer, content } = done;
      if (content === id) return { shared, answer };
      if (call.port === "storage") return { shared: { ...shared, store: content }, answer };
      return { shared: { ...shared, ledgers: shared.ledgers.with(ledgerOf(ledger, call), content) }, answer };
    },
  };
}

export type World = ReturnType<typeof createWorld>;

function objectsOf(files: readonly number[]): Map<string, Observation> {
  return new Map(files.flatMap((g, key) => (g < 0 ? [] : [[keyName(key), observationOf(key, g)] as const])));
}

async function attempt(run: () => unknown): Promise<Answer> {
  try {
    return { value: await run() };
  } catch (error) {
    if (error instanceof LandfallError) return { error };
    throw error;
  }
}

function answerText(answer: Answer): string {
  if ("error" in answer) return `error ${answer.error.code} ${answer.error.message}`;
  if (Buffer.isBuffer(answer.value)) return `bytes ${answer.value.toString()}`;
  return `value ${JSON.stringify(answer.value)}`;
}

function storageCall(storage: Storage, { method, args }: Call): Promise<unknown> {
  const key = args[0] as string;
  const put = args[2] as PutOptions | undefined;
  switch (method) {
    case "list":
      return listAll(storage, args[0] as ListOptions | undefined);
    case "folders":
      return storage.folders(key);
    case "head":
      return storage.head(key);
    case "get":
      return storage.get(key);
    case "delete":
      return storage.delete(key);
    case "put":
      return storage.put(key, args[1] as string, put);
    // The model's engine writes no file: what stands for the path is the content.
    case "putFile":
      return storage.put(key, args[1] as string, put);
    default:
      throw new Error(`the model's storage has no ${method}`);
  }
}

/** The store's content with what its log's new commits brought. */
export function storeContent(
  objects: ReadonlyMap<string, { readonly content: Buffer }>,
  before: StoreContent,
): StoreContent {
  const after = new Map([...objects].map(([key, { content }]) => [key, content]));
  const landed = new Map(before.landed);
  for (const [key, content] of after) {
    if (!key.startsWith(LOG_FOLDER) || before.objects.get(key)?.equals(content) === true) continue;
    const file = parseLogFileName(key.slice(LOG_FOLDER.length));
    if (file?.kind !== "commit") continue;
    const actions = parseCommit(content, { table: "memory:", version: file.version });
    landed.set(
      file.version,
      landedOf(actions, { appIds: appIdsOf(landed), contentOf: (name) => after.get(name) }),
    );
  }
  const baseline = before.baseline ?? after.get(baselineKey("model"));
  return { objects: after, landed, ...(baseline === undefined ? {} : { baseline }) };
}

/** The ids that the pipeline has had, by what the log has told: the first, and those that full refreshes gave it. */
export function appIdsOf(landed: StoreContent["landed"]): readonly string[] {
  return [APP_ID, ...[...landed.values()].filter(isRefresh).map(({ to }) => appIdOf(to))];
}
