/**
 * The exhaustive check in a thread of its own, which takes half the time there: node:test follows every promise of the thread in which
 * the tests are, and a scenario makes them by the million.
 */
import { once } from "node:events";
import { parentPort, Worker, workerData } from "node:worker_threads";
import { checkScenario, type CheckResult } from "./check-scenario.ts";
import { MUTATIONS } from "./mutations.ts";
import { scenarioCalled } from "./scenarios.ts";

export interface AskedCheck {
  /** Its name. */
  readonly scenario: string;
  /** Its name. Default: the flow as it is. */
  readonly mutation?: string;
  /** As `checkScenario` takes it. */
  readonly maxStates?: number;
}

const IN_THREAD = "check scenarios";

/** One for all checks of a file, so that what the first has compiled serves the others. */
let thread: Worker | undefined;

/** To be called once the call before has ended. @throws what `checkScenario` throws */
export async function checkAside(asked: AskedCheck): Promise<CheckResult> {
  thread ??= new Worker(new URL(import.meta.url), { workerData: IN_THREAD });
  thread.ref();
  try {
    thread.postMessage(asked);
    const [result] = (await once(thread, "message")) as [CheckResult];
    return result;
  } catch (error) {
    // It ended with this error.
    thread = undefined;
    throw error;
  } finally {
    // Between two checks it keeps no process alive.
    thread?.unref();
  }
}

async function check({ scenario, mutation, ...options }: AskedCheck): Promise<CheckResult> {
  const broken = MUTATIONS.find(({ name }) => name === mutation);
  if (mutation !== undefined && broken === undefined) throw new Error(`no mutation "${mutation}"`);
  return checkScenario(scenarioCalled(scenario), {
    ...options,
    ...(broken === undefined ? {} : { mutation: broken }),
  });
}

if (workerData === IN_THREAD)
  parentPort!.on("message", (asked: AskedCheck) => {
    // What it rejects with ends the thread, and the call with it.
    void check(asked).then((result) => parentPort!.postMessage(result));
  });
