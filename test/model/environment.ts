/** What befalls the processes from outside: every fault that the state's budget still pays for. */
import { LandfallError } from "../../src/base/landfall-error.ts";
import type { Action } from "../../src/delta/actions.ts";
import { serializeCommit } from "../../src/delta/commit-json.ts";
import { createTableActions } from "../../src/delta/create-table.ts";
import { checkpointKey, commitKey, LOG_FOLDER, parseLogFileName } from "../../src/delta/log-files.ts";
import { parseBatchName } from "../../src/ingest/state-keys.ts";
import { memoryLedger } from "../../src/ledger/memory-ledger.ts";
import { isRead, storageKeyOf, type Call } from "./call.ts";
import { hostsOf } from "./commuting.ts";
import { NOW, SCHEMA } from "./process.ts";
import type { Mutation, Scenario } from "./scenario.ts";
import { isIdle, spend, stopped, type State } from "./state.ts";
import { foldedIn } from "./folded-in.ts";
import { isBatch } from "./landed.ts";
import { keyName, storeContent, type StoreContent, type World } from "./world.ts";

export interface Happening {
  readonly label: string;
  readonly state: State;
}

export interface EnvironmentOptions {
  readonly world: World;
  readonly scenario: Scenario;
  readonly mutation: Mutation | undefined;
}

/** Everything that may happen in a state without a process taking a step. */
export async function happenings(state: State, options: EnvironmentOptions): Promise<Happening[]> {
  const { world, scenario } = options;
  const { budget } = state;
  const found: Happening[] = [];
  for (const index of state.processes.keys()) found.push(...crashes(state, index));
  if (budget.source > 0 && sourceMatters(state)) found.push(...sourceChanges(state, options));
  found.push(...(await latePuts(state, world)));
  if (budget.loss > 0) found.push(...losses(state, options));
  found.push(...backups(state, scenario));
  found.push(...logChanges(state, options));
  return found;
}

/**
 * A crash right after a step and one right before the next write leave the same behind: what lies between are reads. So a process
 * crashes only where it is about to write.
 */
export function crashes(state: State, index: number): Happening[] {
  const { local } = state.processes[index]!;
  if (state.budget.crash === 0 || local?.event.kind !== "call" || isRead(local.event.call)) return [];
  return [{ label: `P${index} crashes`, state: stopped(spend(state, "crash"), index) }];
}

/** A change of the source is seen by nothing but a read of it: it may wait for the next one, or for the end. */
function sourceMatters(state: State): boolean {
  if (isIdle(state)) return true;
  return state.processes.some(
    ({ local }) => local?.event.kind === "call" && local.event.call.port === "source",
  );
}

function sourceChanges(state: State, { world, scenario }: EnvironmentOptions): Happening[] {
  const files = world.sources.at(state.shared.source);
  const generations = scenario.generations ?? 1;
  return files.flatMap((g, key) => {
    const next: [number, string][] = [];
    if (g < 0 && !isReading(state))
      for (let g2 = 0; g2 < generations; g2++) next.push([g2, `appears as ${keyName(key)}.${g2}`]);
    if (g >= 0 && g + 1 < generations) next.push([g + 1, `is overwritten with ${keyName(key)}.${g + 1}`]);
    if (g >= 0 && scenario.vanish !== false) next.push([-1, "vanishes"]);
    return next.map(([to, label]) => ({
      label: `the file ${keyName(key)} ${label}`,
      state: withSource(spend(state, "source"), world.addSource(files.with(key, to))),
    }));
  });
}

/**
 * While a batch is read, between the two looks at its files, nothing comes back under a name: a generation that goes and returns
 * within one read is told by nothing but the bytes.
 */
function isReading(state: State): boolean {
  return state.processes.some(({ local }) => isLook(local) && isLook(local?.parent));
}

function isLook(local: State["processes"][number]["local"]): boolean {
  return (
    local?.event.kind === "call" && local.event.call.port === "source" && local.event.call.method === "look"
  );
}

function withSource(state: State, source: number): State {
  return { ...state, shared: { ...state.shared, source } };
}

async function latePuts(state: State, world: World): Promise<Happening[]> {
  const found: Happening[] = [];
  for (const [index, { key, content }] of state.late.entries()) {
    const call: Call = { port: "storage", method: "put", args: [key, content, { ifAbsent: true }] };
    const { shared } = await world.perform(state.shared, 0, call);
    const label = `the late put of ${key} ${shared.store === state.shared.store ? "is refused" : "lands"}`;
    found.push({ label, state: { ...state, shared, late: state.late.toSpliced(index, 1) } });
  }
  return found;
}

/** Another content for a ledger: the processes on it die, and may start again. */
function replaceLedger(state: State, scenario: Scenario, ledger: number, content: number): State {
  let next: State = {
    ...state,
    shared: { ...state.shared, ledgers: state.shared.ledgers.with(ledger, content) },
  };
  for (const [index, host] of (scenario.hosts ?? [0]).entries())
    if (host === ledger % (Math.max(...hostsOf(scenario)) + 1)) next = stopped(next, index);
  return next;
}

function losses(state: State, { world, scenario }: EnvironmentOptions): Happening[] {
  const empty = world.addLedger(memoryLedger());
  return state.shared.ledgers.flatMap((content, ledger) =>
    content === empty
      ? []
      : [
          {
            label: `ledger ${ledger} is lost`,
            state: replaceLedger(spend(state, "loss"), scenario, ledger, empty),
          },
        ],
  );
}

function backups(state: State, scenario: Scenario): Happening[] {
  const found: Happening[] = [];
  if (state.budget.backup > 0 && state.backup === -1) {
    const backup = state.shared.ledgers[0]!;
    found.push({ label: "ledger 0 is backed up", state: { ...spend(state, "backup"), backup } });
  }
  if (state.backup >= 0 && state.shared.ledgers[0] !== state.backup) {
    found.push({
      label: "ledger 0 is restored from its backup",
      state: { ...replaceLedger(state, scenario, 0, state.backup), backup: -2 },
    });
  }
  return found;
}

function logChanges(state: State, { world, mutation }: EnvironmentOptions): Happening[] {
  const store = world.stores.at(state.shared.store);
  const { budget } = state;
  const found: Happening[] = [];
  const change = (label: string, fault: keyof typeof budget, edit: (objects: Objects) => void): void => {
    const objects: Objects = new Map([...store.objects].map(([key, content]) => [key, { content }]));
    edit(objects);
    const next = world.addStore(storeContent(objects, store));
    found.push({ label, state: { ...spend(state, fault), shared: { ...state.shared, store: next } } });
  };
  const newest = versionsOf(store).at(-1) ?? -1;
  if (budget.foreign > 0) {
    change(`another writer makes version ${newest + 1}`, "foreign", (objects) =>
      objects.set(commitKey(newest + 1), { content: foreignCommit(newest + 1) }),
    );
  }
  // Delta's clean-up keeps the commit of the checkpoint's version, and waits longer than any writer pauses before its put.
  const kept = Math.min(newest, ...state.processes.map(({ local }) => versionToPut(local)));
  const ours = Math.min(mutation?.hastyTrim === true ? newest : markedUntil(store), kept - 1);
  if (budget.trim > 0 && ours >= firstCommit(store)) {
    change(`our clean-up trims the log up to version ${ours}`, "trim", (objects) => trim(objects, ours));
  }
  if (budget.foreignTrim > 0 && kept - 1 >= firstCommit(store)) {
    change(`another engine trims the log up to version ${kept - 1}`, "foreignTrim", (objects) =>
      trim(objects, kept - 1),
    );
  }
  if (budget.clobber > 0 && state.processes.some(({ local }) => hasJustPut(local, newest))) {
    change(`another writer clobbers version ${newest}`, "clobber", (objects) =>
      objects.set(commitKey(newest), { content: foreignCommit(newest) }),
    );
  }
  return found;
}

type Objects = Map<string, { readonly content: Buffer }>;

/** Versions that the log or a checkpoint holds, ascending. */
function versionsOf(store: StoreContent): number[] {
  return [...store.landed.keys()].sort((a, b) => a - b);
}

function firstCommit(store: StoreContent): number {
  return (
    versionsOf(store).find((version) => store.objects.has(commitKey(version))) ?? Number.MAX_SAFE_INTEGER
  );
}

/** The last version up to which every batch of ours has its done mark. */
function markedUntil(store: StoreContent): number {
  const marked = new Set(
    [...store.objects.keys()].flatMap((key) => {
      const name = parseBatchName(key);
      return name?.kind === "done" ? [name.batchId] : [];
    }),
  );
  let until = -1;
  for (const version of versionsOf(store)) {
    const landed = store.landed.get(version)!;
    if (isBatch(landed) && !marked.has(landed.batchId) && foldedIn(store, landed.number) === undefined) break;
    until = version;
  }
  return until;
}

/** The checkpoint of the newest version, as JSON lines, and no commit up to `until`. */
function trim(objects: Objects, until: number): void {
  const last = new Map<string, unknown>();
  let newest = -1;
  // In the order of versions, a checkpoint before the commit of its version.
  const logged = [...objects.keys()].filter((key) => key.startsWith(LOG_FOLDER)).sort();
  for (const key of logged) {
    const { content } = objects.get(key)!;
    const file = parseLogFileName(key.slice(LOG_FOLDER.length));
    if (file?.kind === "checkpoint") {
      for (const line of content.toString().split("\n"))
        keepLast(last, JSON.parse(line) as Record<string, unknown>);
    } else if (file?.kind === "commit") {
      newest = file.version;
      for (const line of content.toString().trim().split("\n"))
        keepLast(last, JSON.parse(line) as Record<string, unknown>);
      if (file.version <= until) objects.delete(key);
    }
  }
  objects.set(checkpointKey(newest), {
    content: Buffer.from([...last.values()].map((row) => JSON.stringify(row)).join("\n")),
  });
}

function keepLast(last: Map<string, unknown>, row: Record<string, unknown>): void {
  const [kind] = Object.keys(row);
  if (kind === undefined || kind === "commitInfo") return;
  const body = row[kind] as { readonly path?: string; readonly appId?: string };
  last.set(`${kind} ${body.path ?? body.appId ?? ""}`, row);
}

function foreignCommit(version: number): Buffer {
  const actions: Action[] = [
    { commitInfo: { timestamp: NOW, operation: "WRITE", txnId: `foreign-${version}` } },
    ...(version > 0 ? [] : createTableActions({ id: "foreign-table", schema: SCHEMA, createdTime: NOW })),
  ];
  return Buffer.from(serializeCommit(actions));
}

/** The version that a process is about to put, or has just tried to. */
function versionToPut(local: State["processes"][number]["local"]): number {
  const events = [local?.event, local?.parent?.event];
  const put = events.find((event) => event?.kind === "call" && event.call.method === "put");
  if (put?.kind !== "call") return Number.MAX_SAFE_INTEGER;
  const key = storageKeyOf(put.call);
  const file = key.startsWith(LOG_FOLDER) ? parseLogFileName(key.slice(LOG_FOLDER.length)) : undefined;
  return file?.kind === "commit" ? file.version : Number.MAX_SAFE_INTEGER;
}

/** True for a process whose last call made the version: it is about to look whether it stands. */
function hasJustPut(local: State["processes"][number]["local"], version: number): boolean {
  if (local?.parent?.event.kind !== "call") return false;
  const { method, args } = local.parent.event.call;
  return method === "put" && args[0] === commitKey(version);
}

/** What a process may be told of a put besides the truth. */
export async function lostAnswers(
  state: State,
  call: Call,
  options: EnvironmentOptions & { readonly ledger: number },
): Promise<{ readonly label: string; readonly state: State; readonly answer: number }[]> {
  const { world, scenario, ledger } = options;
  if (state.budget.lost === 0 || call.port !== "storage" || !call.method.startsWith("put")) return [];
  const [key, content] = call.args as [string, string];
  const isCommit = key.startsWith(LOG_FOLDER);
  if (!isCommit && scenario.lostPuts !== "all") return [];
  const paid = spend(state, "lost");
  const lost = world.addAnswer({
    error: new LandfallError("STORAGE_FAILED", { message: `The answer to the put of ${key} was lost.` }),
  });
  const found = [{ label: "did not arrive", state: paid, answer: lost }];
  const { shared } = await world.perform(state.shared, ledger, call);
  if (shared.store === state.shared.store) return found;
  const exists = world.addAnswer({ value: "exists" });
  found.push({ label: "landed, and its answer was lost", state: { ...paid, shared }, answer: lost });
  found.push({ label: "landed, and its repeat was told so", state: { ...paid, shared }, answer: exists });
  if (isCommit && state.budget.late > 0) {
    const later = { ...spend(paid, "late"), late: [...state.late, { key, content }] };
    found.push({ label: "is still on its way", state: later, answer: lost });
  }
  return found;
}
