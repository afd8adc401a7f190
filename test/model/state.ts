/** A state of the whole: what is shared, where each process stands, and which faults may still come. */
import type { LocalState } from "./local-states.ts";
import { NO_FAULTS, type Faults, type Scenario } from "./scenario.ts";
import type { Shared, World } from "./world.ts";

export interface ProcessState {
  /** Undefined between two runs. */
  readonly local: LocalState | undefined;
  /** Runs that it may still start of its own accord. */
  readonly runs: number;
  /** Ids made in its earlier runs. */
  readonly drawn: number;
}

export interface State {
  readonly shared: Shared;
  readonly processes: readonly ProcessState[];
  readonly budget: Faults;
  /** Puts whose answer was lost and that may land at any time, or never. */
  readonly late: readonly { readonly key: string; readonly content: string }[];
  /** A copy of ledger 0; -1 when there is none, -2 when it was used. */
  readonly backup: number;
  /** The process that took the last step, where switches are counted; else -1. */
  readonly last: number;
  readonly switches: number;
}

export function initialState(world: World, scenario: Scenario): State {
  const hosts = scenario.hosts ?? [0];
  const budget = { ...NO_FAULTS };
  for (const fault of Object.keys(NO_FAULTS) as (keyof Faults)[]) budget[fault] = scenario[fault] ?? 0;
  return {
    shared: world.initial(),
    processes: hosts.map((_, index) => ({ local: undefined, runs: scenario.runs?.[index] ?? 1, drawn: 0 })),
    budget,
    late: [],
    backup: -1,
    last: -1,
    switches: scenario.switches ?? Number.POSITIVE_INFINITY,
  };
}

/** The state with the turn given to a process; undefined when no switch is left for that. */
export function turnedTo(state: State, index: number): State | undefined {
  const { last, switches, processes } = state;
  if (switches === Number.POSITIVE_INFINITY || last === index) return state;
  if (last < 0 || processes[last]!.local === undefined) return { ...state, last: index };
  return switches === 0 ? undefined : { ...state, last: index, switches: switches - 1 };
}

export function isIdle(state: State): boolean {
  return state.processes.every(({ local }) => local === undefined);
}

export function spend(state: State, fault: keyof Faults): State {
  return { ...state, budget: { ...state.budget, [fault]: state.budget[fault] - 1 } };
}

export function withProcess(state: State, index: number, process: ProcessState): State {
  return { ...state, processes: state.processes.with(index, process) };
}

/** The process stops where it stands, and may start again. */
export function stopped(state: State, index: number): State {
  const { local, runs, drawn } = state.processes[index]!;
  // An id whose plan was not written is as good as never made.
  const isUnused = local?.event.kind === "call" && local.event.call.method === "plan";
  const draws = (local?.draws ?? 0) - (isUnused ? 1 : 0);
  return withProcess(state, index, { local: undefined, runs: runs + 1, drawn: drawn + draws });
}
