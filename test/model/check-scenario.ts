/**
 * The exhaustive check of one scenario: every state that the processes and the faults can reach, breadth first, so that a
 * violation comes with a shortest schedule.
 *
 * A process and the world are deterministic, so a state is a handful of numbers (`state.ts`). What keeps the space small, and why it
 * hides nothing, stands where it is done: reads and private writes that commute with all else (`commuting.ts`), crashes only before
 * a write and changes of the source only before a look at it (`environment.ts`). Runs are counted, so that there is no cycle; where
 * everybody rests, runs go on until they change nothing (`come-to-rest.ts`).
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
import { initialState, isIdle, stateText, type State } from "./state.ts";
import { stepsFrom, type WalkerOptions } from "./walker.ts";
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
  /** Every step that led there, in words; those that begin with `!` are faults. */
  readonly schedule: readonly string[];
}

/** Walks through the scenario. `maxStates`: where to give up; default two million. */
export async function checkScenario(
  scenario: Scenario,
  options: { readonly mutation?: Mutation; readonly maxStates?: number } = {},
): Promise<CheckResult> {
  const { mutation, maxStates = 2_000_000 } = options;
  const scratchFolder = mkdtempSync(join(tmpdir(), "landfall-model-"));
  try {
    const ledgers = Math.max(...hostsOf(scenario)) + 1;
    const world = createWorld({ ledgers, files: scenario.files, mutation });
    const locals = localStates(world.answers);
    const parquet = checkpointAsLines(scratchFolder);
    return await explore({ world, scenario, mutation, locals, parquet }, maxStates);
  } finally {
    rmSync(scratchFolder, { recursive: true, force: true });
  }
}

async function explore(options: WalkerOptions, maxStates: number): Promise<CheckResult> {
  const wrongAt = judge(options);
  const first = initialState(options.world, options.scenario);
  const seen = new Set([stateText(first)]);
  // A state that has been left is needed no more: its way stays, as a parent and a label.
  const queue: (State | undefined)[] = [first];
  const way: { readonly parent: number; readonly label: string }[] = [{ parent: -1, label: "" }];
  const result = (violation?: {
    readonly what: string;
    readonly at: number;
    readonly after: readonly string[];
  }) => {
    const found = { states: queue.length, local: options.locals.size, cut: queue.length > maxStates };
    if (violation === undefined) return found;
    const schedule = [...violation.after];
    for (let at = violation.at; at > 0; at = way[at]!.parent) schedule.unshift(way[at]!.label);
    return { ...found, violation: { what: violation.what, schedule } };
  };
  for (let at = 0; at < queue.length && queue.length <= maxStates; at++) {
    const state = queue[at]!;
    queue[at] = undefined;
    const wrong = await wrongAt(state);
    if (wrong !== undefined) return result({ what: wrong.what, at, after: wrong.schedule });
    for (const step of await stepsFrom(state, options)) {
      if (step.wrong !== undefined) return result({ what: step.wrong, at, after: [step.label] });
      const text = stateText(step.state);
      if (seen.has(text)) continue;
      seen.add(text);
      way.push({ parent: at, label: step.label });
      queue.push(step.state);
    }
  }
  return result();
}

/** What is wrong with a state, with the steps after it that show it. */
function judge(options: WalkerOptions): (state: State) => Promise<Violation | undefined> {
  const laws = invariants(options);
  const rests = new Map<string, Promise<Violation | undefined>>();
  const atRest = async (state: State): Promise<Violation | undefined> => {
    const rest = await comeToRest(state, options);
    if (rest.wrong !== undefined) return { what: rest.wrong, schedule: rest.after };
    if (rest.state === undefined) return undefined;
    const what = (await laws.everywhere(rest.state)) ?? (await laws.atRest(rest.state));
    return what === undefined ? undefined : { what, schedule: rest.after };
  };
  return async (state) => {
    const what = await laws.everywhere(state);
    if (what !== undefined) return { what, schedule: [] };
    if (!isIdle(state)) return undefined;
    const { store, ledgers, source } = state.shared;
    const text = [store, ledgers, source, ...state.processes.map(({ drawn }) => drawn)].join("|");
    if (!rests.has(text)) rests.set(text, atRest(state));
    return rests.get(text);
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
