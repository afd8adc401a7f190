/**
 * The exhaustive check of one scenario: every state that the processes and the faults can reach, breadth first, so that a
 * violation comes with a shortest schedule.
 *
 * A process and the world are deterministic, so a state is a handful of numbers (`state.ts`). What keeps the space small, and why it
 * hides nothing:
 * - a read of something that nobody else can change any more happens at once: it commutes with everything that may still come;
 * - a process crashes only where it is about to write, a file changes only before somebody looks or at the end (`environment.ts`).
 * Runs are counted, so that there is no cycle; where everybody rests, runs go on until they change nothing.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ErrorCode } from "../../src/base/error-codes.ts";
import type { LandfallError } from "../../src/base/landfall-error.ts";
import type { ParquetAccess } from "../../src/delta/checkpoint-rows.ts";
import { LAST_CHECKPOINT, LOG_FOLDER } from "../../src/delta/log-files.ts";
import { describeCall, isRead, storageKeyOf, type Call } from "./call.ts";
import { crashes, happenings, lostAnswers } from "./environment.ts";
import { invariants } from "./invariants.ts";
import { localStates, type LocalState } from "./local-states.ts";
import type { ProcessOptions } from "./process.ts";
import type { Mutation, Scenario } from "./scenario.ts";
import { initialState, isIdle, stateText, withProcess, type State } from "./state.ts";
import { createWorld, type Shared } from "./world.ts";

export interface CheckResult {
  readonly states: number;
  /** Local states of processes: how much of the flow was run. */
  readonly local: number;
  /** True when the limit cut the exploration off. */
  readonly cut: boolean;
  readonly violation?: { readonly what: string; readonly schedule: readonly string[] };
}

/** Longer than any run of a tiny instance: one that takes more calls does not come to rest. */
const MAX_CALLS = 600;
const MAX_ROUNDS = 8;

interface Step {
  readonly label: string;
  readonly state: State;
  readonly wrong?: string | undefined;
}

export async function checkScenario(
  scenario: Scenario,
  options: { readonly mutation?: Mutation; readonly maxStates?: number } = {},
): Promise<CheckResult> {
  const scratchFolder = mkdtempSync(join(tmpdir(), "landfall-model-"));
  try {
    return await explore(scenario, { maxStates: 2_000_000, ...options, scratchFolder });
  } finally {
    rmSync(scratchFolder, { recursive: true, force: true });
  }
}

async function explore(
  scenario: Scenario,
  options: { readonly mutation?: Mutation; readonly maxStates: number; readonly scratchFolder: string },
): Promise<CheckResult> {
  const walker = createWalker(scenario, options);
  const first = await walker.first();
  const seen = new Set([stateText(first)]);
  // The queue keeps states, the trace a parent and a label for each.
  const queue: (State | undefined)[] = [first];
  const trace: { readonly parent: number; readonly label: string }[] = [{ parent: -1, label: "" }];
  const scheduleOf = (index: number): string[] => {
    const labels: string[] = [];
    for (let at = index; at > 0; at = trace[at]!.parent) labels.push(trace[at]!.label);
    return labels.reverse();
  };
  const result = { states: 0, local: 0, cut: false };
  for (let index = 0; index < queue.length; index++) {
    const state = queue[index]!;
    queue[index] = undefined;
    const wrong = await walker.wrongAt(state);
    if (wrong !== undefined) {
      return {
        ...{ ...result, states: queue.length, local: walker.locals() },
        violation: { what: wrong.what, schedule: [...scheduleOf(index), ...wrong.after] },
      };
    }
    for (const step of await walker.steps(state)) {
      if (step.wrong !== undefined) {
        return {
          ...{ ...result, states: queue.length, local: walker.locals() },
          violation: { what: step.wrong, schedule: [...scheduleOf(index), step.label] },
        };
      }
      const text = stateText(step.state);
      if (seen.has(text)) continue;
      seen.add(text);
      trace.push({ parent: index, label: step.label });
      queue.push(step.state);
    }
    if (queue.length > options.maxStates) return { states: queue.length, local: walker.locals(), cut: true };
  }
  return { states: queue.length, local: walker.locals(), cut: false };
}

function createWalker(
  scenario: Scenario,
  options: { readonly mutation?: Mutation; readonly scratchFolder: string },
) {
  const { mutation } = options;
  const hosts = scenario.hosts ?? [0];
  const world = createWorld({ ledgers: Math.max(...hosts) + 1, files: scenario.files, mutation });
  const locals = localStates(world.answers);
  const parquet = checkpointAsLines(options.scratchFolder);
  const laws = invariants({ world, scenario, parquet });
  const rest = new Map<string, Promise<{ what: string; after: readonly string[] } | undefined>>();
  const environment = { world, scenario, mutation };
  const mayFail = expectedErrors(scenario);

  const start = (index: number, drawn: number) =>
    locals.start({ index, drawn, scenario, mutation, parquet } satisfies ProcessOptions);

  /** After an answer: the process's next local state, or its end. */
  const answered = async (state: State, index: number, answer: number): Promise<Step> => {
    const { local, runs, drawn } = state.processes[index]!;
    const next = await locals.next(local!, answer);
    if (next.event.kind === "call") {
      const moved = withProcess(state, index, { local: next, runs, drawn });
      const wrong = next.depth > MAX_CALLS ? `I5: P${index} does not come to rest` : undefined;
      return { label: "", state: moved, wrong };
    }
    const { error } = next.event;
    const isExpected = error === undefined || mayFail.has(error.code) || isLateClaim(local!, error);
    const ended = {
      local: undefined,
      runs: error === undefined ? runs : runs + 1,
      drawn: drawn + next.draws,
    };
    return {
      label: error === undefined ? `; P${index} has ended` : `; P${index} fails: ${error.code}`,
      state: withProcess(state, index, ended),
      wrong: isExpected ? undefined : failure(index, error),
    };
  };

  /** Two processes plan on one ledger, and it refuses the later: the lock keeps that from those who hold it. */
  const isLateClaim = ({ event }: LocalState, { code }: LandfallError): boolean =>
    code === "INTERNAL" &&
    new Set(hosts).size < hosts.length &&
    event.kind === "call" &&
    event.call.method === "plan";

  /** Reads that commute with everything that may still come happen at once. */
  const settled = async (step: Step): Promise<Step> => {
    let { label, state, wrong } = step;
    for (let index = 0; index < hosts.length && wrong === undefined; index++) {
      for (;;) {
        const event = state.processes[index]!.local?.event;
        if (event?.kind !== "call" || !isUndisturbed(state, index, event.call)) break;
        const { shared, answer } = await world.perform(state.shared, hosts[index]!, event.call);
        const next = await answered({ ...state, shared }, index, answer);
        state = next.state;
        label += next.label;
        wrong = next.wrong;
        if (wrong !== undefined) break;
      }
    }
    return { label, state, wrong };
  };

  /** True for a read of what nobody but this process may still change. */
  const isUndisturbed = (state: State, index: number, call: Call): boolean => {
    if (!isRead(call)) return false;
    const { budget, backup, late } = state;
    const revivable = budget.loss > 0 || budget.backup > 0 || backup >= 0;
    const isActive = (other: number): boolean => {
      const { local, runs } = state.processes[other]!;
      return other !== index && (local !== undefined || runs > 0 || revivable);
    };
    switch (call.port) {
      case "clock":
        return true;
      case "source":
        return budget.source === 0;
      case "ledger":
        return !hosts.some((host, other) => host === hosts[index] && isActive(other));
      case "storage": {
        const key = storageKeyOf(call);
        if (key === LAST_CHECKPOINT) return true;
        if (call.method === "get" && isForGood(state, key)) return true;
        if (key.endsWith("/baseline.json") && scenario.baseline !== true) return true;
        if (hosts.some((_, other) => isActive(other))) return false;
        if (!key.startsWith(LOG_FOLDER)) return true;
        return budget.foreign + budget.trim + budget.foreignTrim + budget.clobber + late.length === 0;
      }
      default:
        return call.port satisfies never;
    }
  };

  /** True for an object that is there and that nobody replaces or removes. */
  const isForGood = ({ shared, budget }: State, key: string): boolean => {
    if (mutation?.storage !== undefined || !world.stores.at(shared.store).objects.has(key)) return false;
    if (key.endsWith(".done.json")) return true;
    return key.startsWith(LOG_FOLDER) && budget.trim + budget.foreignTrim + budget.clobber === 0;
  };

  /**
   * A write that no other process can tell: to a ledger of its own, or of a data file. Besides the crash before it, it commutes with
   * everything that others may do, so that they need not be tried first.
   */
  const isPrivate = ({ processes, budget }: State, index: number): boolean => {
    const event = processes[index]!.local?.event;
    if (event?.kind !== "call" || isRead(event.call) || budget.clobber > 0) return false;
    if (event.call.port === "ledger")
      return budget.backup === 0 && hosts.every((host, other) => other === index || host !== hosts[index]);
    return budget.lost === 0 && event.call.method === "putFile";
  };

  const processSteps = async (state: State, index: number): Promise<Step[]> => {
    const { local, runs, drawn } = state.processes[index]!;
    if (local === undefined) {
      if (runs === 0) return [];
      const begun = { local: await start(index, drawn), runs: runs - 1, drawn };
      return [await settled({ label: `P${index} starts`, state: withProcess(state, index, begun) })];
    }
    if (local.event.kind !== "call") return [];
    const { call } = local.event;
    const ledger = hosts[index]!;
    const { shared, answer } = await world.perform(state.shared, ledger, call);
    const told = [{ label: "", state: { ...state, shared }, answer }];
    told.push(...(await lostAnswers(state, call, { ...environment, ledger })));
    const steps: Step[] = [];
    for (const { label, state: after, answer: said } of told) {
      const step = await answered(after, index, said);
      const name = `P${index} ${describeCall(call)}${label === "" ? "" : `: ${label}`}${step.label}`;
      steps.push(await settled({ ...step, label: name }));
    }
    return steps;
  };

  /** Run after run without a fault until a whole round changes nothing. */
  const comeToRest = async (from: State): Promise<{ what: string; after: readonly string[] } | undefined> => {
    let { shared } = from;
    const drawn = from.processes.map((process) => process.drawn);
    const after: string[] = ["then, run after run:"];
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const before = shared;
      for (const [index, host] of hosts.entries()) {
        let local = await start(index, drawn[index]!);
        while (local.event.kind === "call") {
          if (local.depth > MAX_CALLS) return { what: `I5: P${index} does not come to rest`, after };
          const done = await world.perform(shared, host, local.event.call);
          if (!isRead(local.event.call)) after.push(`P${index} ${describeCall(local.event.call)}`);
          ({ shared } = done);
          local = await locals.next(local, done.answer);
        }
        drawn[index]! += local.draws;
        const { error } = local.event;
        if (error === undefined) continue;
        if (scenario.mayFail?.includes(error.code) === true) return undefined;
        return { what: `I5: ${failure(index, error)}, and so it will for good`, after };
      }
      if (!isSame(before, shared)) continue;
      const resting = { ...from, shared };
      const what = (await laws.everywhere(resting)) ?? (await laws.atRest(resting));
      return what === undefined ? undefined : { what, after };
    }
    return { what: "I5: runs go on changing things for ever", after };
  };

  return {
    first: async (): Promise<State> => initialState(world, scenario),
    locals: () => locals.size,
    async wrongAt(state: State): Promise<{ what: string; after: readonly string[] } | undefined> {
      const what = await laws.everywhere(state);
      if (what !== undefined) return { what, after: [] };
      if (!isIdle(state)) return undefined;
      const { store, ledgers, source } = state.shared;
      const drawn = state.processes.map((process) => process.drawn);
      const text = `${store}|${ledgers.join()}|${source}|${drawn.join()}`;
      if (!rest.has(text)) rest.set(text, comeToRest(state));
      return rest.get(text);
    },
    async steps(state: State): Promise<Step[]> {
      const alone = hosts.findIndex((_, index) => isPrivate(state, index));
      if (alone >= 0) {
        const steps = await processSteps(state, alone);
        for (const { label, state: after } of crashes(state, alone))
          steps.push(await settled({ label: `! ${label}`, state: after }));
        return steps;
      }
      const steps: Step[] = [];
      for (const index of hosts.keys()) steps.push(...(await processSteps(state, index)));
      for (const { label, state: after } of await happenings(state, environment))
        steps.push(await settled({ label: `! ${label}`, state: after }));
      return steps;
    },
  };
}

function isSame(a: Shared, b: Shared): boolean {
  return a.store === b.store && a.ledgers.join() === b.ledgers.join();
}

function failure(index: number, error: LandfallError): string {
  return `P${index} stops with ${error.code}: ${error.message}`;
}

function expectedErrors(scenario: Scenario): ReadonlySet<ErrorCode> {
  const codes = new Set(scenario.mayFail);
  if ((scenario.lost ?? 0) > 0) codes.add("STORAGE_FAILED");
  return codes;
}

/** The model's checkpoints are JSON lines already. */
function checkpointAsLines(scratchFolder: string): ParquetAccess {
  return {
    scratchFolder,
    port: {
      toJsonLines: ({ parquetPath, jsonPath }) => copyFile(parquetPath, jsonPath),
      fromJsonLines: ({ jsonPath, parquetPath }) => copyFile(jsonPath, parquetPath),
    },
  };
}
