/** Where no process is in a run: runs without a fault, one after the other, until a whole round of them changes nothing. */
import { describeCall, isRead } from "./call.ts";
import { hostsOf } from "./commuting.ts";
import type { State } from "./state.ts";
import { failure, MAX_CALLS, startOf, type WalkerOptions } from "./walker.ts";
import type { Shared } from "./world.ts";

export interface Rest {
  /** Undefined when a scenario's allowed error ends it before. */
  readonly state?: State;
  /** What keeps it from coming to rest. */
  readonly wrong?: string;
  /** The writes on the way, in words. */
  readonly after: readonly string[];
}

const MAX_ROUNDS = 8;

export async function comeToRest(from: State, options: WalkerOptions): Promise<Rest> {
  const { scenario } = options;
  const drawn = from.processes.map((process) => process.drawn);
  const after: string[] = ["then, run after run:"];
  let { shared } = from;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const before = shared;
    for (const index of hostsOf(scenario).keys()) {
      const run = await runAlone(shared, { ...options, index, drawn: drawn[index]!, after });
      if (run === undefined) return { wrong: `I5: P${index} does not come to rest`, after };
      ({ shared } = run);
      drawn[index]! += run.draws;
      if (run.error === undefined) continue;
      // Until somebody ends the refresh that was cut off.
      if (scenario.refresh !== undefined && run.error.code === "PIPELINE_STARTED_OVER") continue;
      if (scenario.mayFail?.includes(run.error.code) === true) return { after };
      return { wrong: `I5: ${failure(index, run.error)}, and so it will for good`, after };
    }
    if (isSame(before, shared)) return { state: { ...from, shared }, after };
  }
  return { wrong: "I5: runs go on changing things for ever", after };
}

async function runAlone(
  from: Shared,
  options: WalkerOptions & { readonly index: number; readonly drawn: number; readonly after: string[] },
) {
  const { index, world, locals, after } = options;
  const host = hostsOf(options.scenario)[index]!;
  let shared = from;
  let local = await startOf(index, options.drawn, options);
  while (local.event.kind === "call") {
    if (local.depth > MAX_CALLS) return undefined;
    const { call } = local.event;
    const done = await world.perform(shared, host, call);
    if (!isRead(call)) after.push(`P${index} ${describeCall(call)}`);
    ({ shared } = done);
    local = await locals.next(local, done.answer);
  }
  return { shared, draws: local.draws, error: local.event.error };
}

function isSame(a: Shared, b: Shared): boolean {
  return a.store === b.store && a.ledgers.join() === b.ledgers.join();
}
