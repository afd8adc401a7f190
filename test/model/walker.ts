/** The steps from a state: what each process does next and what may befall it, with the reads in between taken at once. */
import type { ErrorCode } from "../../src/base/error-codes.ts";
import type { LandfallError } from "../../src/base/landfall-error.ts";
import type { ParquetAccess } from "../../src/delta/checkpoint-rows.ts";
import { describeCall } from "./call.ts";
import { hostsOf, isPrivate, isUndisturbed, type Surroundings } from "./commuting.ts";
import { crashes, happenings, lostAnswers } from "./environment.ts";
import type { LocalState, LocalStates } from "./local-states.ts";
import type { Scenario } from "./scenario.ts";
import type { Shared } from "./world.ts";
import { turnedTo, withProcess, type State } from "./state.ts";

export interface Step {
  readonly label: string;
  readonly state: State;
  /** What is wrong with the step itself, in one sentence. */
  readonly wrong?: string | undefined;
  /** What was shared on the way, where the step is several. */
  readonly passed: readonly Shared[];
}

/** Longer than any run of a tiny instance: one that takes more calls does not come to rest. */
export const MAX_CALLS = 600;

export interface WalkerOptions extends Surroundings {
  readonly locals: LocalStates;
  readonly parquet: ParquetAccess;
}

/** A process's first local state. */
export function startOf(
  index: number,
  drawn: number,
  { locals, ...options }: WalkerOptions,
): Promise<LocalState> {
  const { scenario, mutation, parquet } = options;
  return locals.start({ index, drawn, scenario, mutation, parquet });
}

/** Everything that may come next. */
export async function stepsFrom(state: State, options: WalkerOptions): Promise<Step[]> {
  const steps: Step[] = [];
  for (const index of state.processes.keys()) {
    const turned = turnedTo(state, index);
    if (turned !== undefined) steps.push(...(await processSteps(turned, index, options)));
  }
  for (const happening of await happenings(state, options))
    steps.push(...(await happened(happening, options)));
  return steps;
}

const happened = ({ label, state }: Pick<Step, "label" | "state">, options: WalkerOptions): Promise<Step[]> =>
  settled({ label: `! ${label}`, state, passed: [] }, options);

async function processSteps(state: State, index: number, options: WalkerOptions): Promise<Step[]> {
  const { world, scenario } = options;
  const { local, runs, drawn } = state.processes[index]!;
  if (local === undefined) {
    if (runs === 0) return [];
    const begun = { local: await startOf(index, drawn, options), runs: runs - 1, drawn };
    const started = { label: `P${index} starts`, state: withProcess(state, index, begun), passed: [] };
    return settled(started, options);
  }
  if (local.event.kind !== "call") return [];
  const { call } = local.event;
  const ledger = hostsOf(scenario)[index]!;
  const { shared, answer } = await world.perform(state.shared, ledger, call);
  const told = [{ label: "", state: { ...state, shared }, answer }];
  told.push(...(await lostAnswers(state, call, { ...options, ledger })));
  const steps: Step[] = [];
  for (const { label, state: after, answer: said } of told) {
    const step = await answered(after, index, said, options);
    const name = `P${index} ${describeCall(call)}${label === "" ? "" : `: ${label}`}${step.label}`;
    steps.push(...(await settled({ ...step, label: name }, options)));
  }
  return steps;
}

/** After an answer: the process's next local state, or its end. */
async function answered(
  state: State,
  index: number,
  answer: number,
  { locals, scenario }: WalkerOptions,
): Promise<Step> {
  const { local, runs, drawn } = state.processes[index]!;
  const next = await locals.next(local!, answer);
  if (next.event.kind === "call") {
    const moved = withProcess(state, index, { local: next, runs, drawn });
    const wrong = next.depth > MAX_CALLS ? `I5: P${index} does not come to rest` : undefined;
    return { label: "", state: moved, wrong, passed: [] };
  }
  const { error } = next.event;
  const isExpected = error === undefined || expectedErrors(scenario).has(error.code);
  const ended = { local: undefined, runs: error === undefined ? runs : runs + 1, drawn: drawn + next.draws };
  return {
    label: error === undefined ? `; P${index} has ended` : `; P${index} fails: ${error.code}`,
    state: withProcess(state, index, ended),
    wrong: isExpected ? undefined : failure(index, error),
    passed: [],
  };
}

/**
 * Takes every call that commutes with whatever may still come, and gives the crashes before those of them that write as steps of their
 * own.
 */
async function settled(step: Step, options: WalkerOptions): Promise<Step[]> {
  const { scenario, world } = options;
  const hosts = hostsOf(scenario);
  const crashed: Step[] = [];
  const passed: Shared[] = [];
  let { label, state, wrong } = step;
  for (let index = 0; index < hosts.length; index++) {
    while (wrong === undefined) {
      const event = state.processes[index]!.local?.event;
      if (event?.kind !== "call") break;
      if (isPrivate(state, index, scenario)) {
        for (const crash of crashes(state, index))
          crashed.push(
            ...(await settled({ ...crash, label: `${label}; ! ${crash.label}`, passed: [] }, options)),
          );
        label += `; P${index} ${describeCall(event.call)}`;
        passed.push(state.shared);
      } else if (!isUndisturbed(state, index, event.call, options)) break;
      const { shared, answer } = await world.perform(state.shared, hosts[index]!, event.call);
      const next = await answered({ ...state, shared }, index, answer, options);
      label += next.label;
      ({ state, wrong } = next);
    }
  }
  return [{ label, state, wrong, passed }, ...crashed];
}

export function failure(index: number, error: LandfallError): string {
  return `P${index} stops with ${error.code}: ${error.message}`;
}

function expectedErrors(scenario: Scenario): ReadonlySet<ErrorCode> {
  const codes = new Set(scenario.mayFail);
  if ((scenario.lost ?? 0) > 0) codes.add("STORAGE_FAILED");
  if (scenario.refresh !== undefined) codes.add("PIPELINE_STARTED_OVER");
  return codes;
}
