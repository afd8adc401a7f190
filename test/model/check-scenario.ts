/**
 * The exhaustive check of one scenario: every state that the processes and the faults can reach, breadth first, so that a
 * violation comes with a shortest schedule.
 *
 * A process and the world are deterministic, so a state is a handful of numbers (`state.ts`). What keeps the space small, and why it
 * hides nothing, stands where it is done: reads and private writes that commute with all else are taken together with the step before
 * them (`commuting.ts`), crashes only before a write and changes of the source only before a look at it (`environment.ts`). Runs are
 * counted, so that there is no cycle; where everybody rests, runs go on until they change nothing (`come-to-rest.ts`).
 */
import { mkdtempSync, rmSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ParquetAccess } from "../../src/delta/checkpoint-rows.ts";
import { comeToRest } from "./come-to-rest.ts";
import { hostsOf } from "./commuting.ts";
import { invariants } from "./invariants.ts";
import { localStates } from "./local-states.ts";
import type { Mutation, Scenario } from "./scenario.ts";
import { FIRST_IDENTITY } from "./pipeline-state.ts";
import { initialState, isIdle, type State } from "./state.ts";
import { visited } from "./visited.ts";
import { stepsFrom, type Step, type WalkerOptions } from "./walker.ts";
import { createWorld } from "./world.ts";

export interface CheckResult {
  readonly states: number;
  /** Local states of processes: how much of the flow was run. */
  readonly local: number;
  /** True when the limit cut the exploration off. */
  readonly cut: boolean;
  readonly violation?: Violation;
}

export interface Violation {
  readonly what: string;
  /** Every step that led there, in words; faults stand behind a `!`. */
  readonly schedule: readonly string[];
}

/** Walks through the scenario. `maxStates`: where to give up; default twenty million, some 6 GB. */
export async function checkScenario(
  scenario: Scenario,
  options: { readonly mutation?: Mutation; readonly maxStates?: number } = {},
): Promise<CheckResult> {
  const { mutation, maxStates = 20_000_000 } = options;
  const scratchFolder = mkdtempSync(join(tmpdir(), "landfall-model-"));
  try {
    const hosts = Math.max(...hostsOf(scenario)) + 1;
    const states = scenario.refresh === undefined ? 1 : 2;
    const world = createWorld({
      ledgers: hosts * states,
      hosts,
      files: scenario.files,
      // A refresh takes the source from it.
      objects: scenario.refresh === undefined ? new Map() : FIRST_IDENTITY,
      mutation,
    });
    const locals = localStates(world.answers);
    const parquet = checkpointAsLines(scratchFolder);
    return await explore({ world, scenario, mutation, locals, parquet }, maxStates);
  } finally {
    rmSync(scratchFolder, { recursive: true, force: true });
  }
}

async function explore(options: WalkerOptions, maxStates: number): Promise<CheckResult> {
  const judged = judge(options);
  const first = initialState(options.world, options.scenario);
  const seen = visited();
  seen.add(first);
  // A state that has been left is needed no more: its way stays, as its parent and which of the parent's steps led there.
  const queue: (State | undefined)[] = [first];
  const way = ways();
  const result = (violation?: Violation): CheckResult => {
    const counts = { states: queue.length, local: options.locals.size, cut: queue.length > maxStates };
    return violation === undefined ? counts : { ...counts, violation };
  };
  for (let at = 0; at < queue.length && queue.length <= maxStates; at++) {
    const state = queue[at]!;
    queue[at] = undefined;
    const wrong = await judged.wrongAt(state);
    if (wrong !== undefined) {
      const schedule = [...(await scheduleTo(way.to(at), options)), ...wrong.schedule];
      return result({ what: wrong.what, schedule });
    }
    for (const [ordinal, step] of (await stepsFrom(state, options)).entries()) {
      const wrongStep = step.wrong ?? (await judged.wrongOn(step));
      if (wrongStep !== undefined) {
        const schedule = [...(await scheduleTo(way.to(at), options)), step.label];
        return result({ what: wrongStep, schedule });
      }
      if (!seen.add(step.state)) continue;
      way.push(at, ordinal);
      queue.push(step.state);
    }
  }
  return result();
}

/** The steps that lead to each state of the queue, as places among the steps of the state before; the first state has none. */
function ways() {
  const block = 1 << 20;
  const parents: Int32Array[] = [];
  const ordinals: Uint16Array[] = [];
  let size = 1;
  return {
    push(parent: number, ordinal: number): void {
      if (parents.length * block <= size) {
        parents.push(new Int32Array(block));
        ordinals.push(new Uint16Array(block));
      }
      parents.at(-1)![size % block] = parent;
      ordinals.at(-1)![size % block] = ordinal;
      size += 1;
    },
    to(place: number): number[] {
      const way: number[] = [];
      for (let at = place; at > 0; at = parents[Math.floor(at / block)]![at % block]!)
        way.unshift(ordinals[Math.floor(at / block)]![at % block]!);
      return way;
    },
  };
}

/** The labels on a way, taken once more. */
async function scheduleTo(way: readonly number[], options: WalkerOptions): Promise<string[]> {
  let state = initialState(options.world, options.scenario);
  const labels: string[] = [];
  for (const ordinal of way) {
    const step = (await stepsFrom(state, options))[ordinal]!;
    labels.push(step.label);
    ({ state } = step);
  }
  return labels;
}

/** What is wrong with a state, with the steps after it that show it; and on the way of a step. */
function judge(options: WalkerOptions): {
  wrongAt(state: State): Promise<Violation | undefined>;
  wrongOn(step: Step): Promise<string | undefined>;
} {
  const laws = invariants(options);
  const rests = new Map<string, Promise<Violation | undefined>>();
  const atRest = async (state: State): Promise<Violation | undefined> => {
    const rest = await comeToRest(state, options);
    if (rest.wrong !== undefined) return { what: rest.wrong, schedule: rest.after };
    if (rest.state === undefined) return undefined;
    const what = (await laws.everywhere(rest.state)) ?? (await laws.atRest(rest.state));
    return what === undefined ? undefined : { what, schedule: rest.after };
  };
  return {
    async wrongAt(state) {
      const what = await laws.everywhere(state);
      if (what !== undefined) return { what, schedule: [] };
      if (!isIdle(state)) return undefined;
      const { store, ledgers, source } = state.shared;
      const text = [store, ledgers, source, ...state.processes.map(({ drawn }) => drawn)].join("|");
      if (!rests.has(text)) rests.set(text, atRest(state));
      return rests.get(text);
    },
    async wrongOn({ passed }) {
      for (const shared of passed) {
        const what = await laws.everywhere({ shared });
        if (what !== undefined) return what;
      }
      return undefined;
    },
  };
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
