/** How the pipelines of this process are, for probes and for `landfall_up`. */
import { isLandfallError, messageOf } from "../base/landfall-error.ts";
import type { LedgerLook } from "../ledger/ledger-look.ts";
import type { ListenedPipeline, OpenLooks, RunListener } from "./listener.ts";
import { within } from "./within.ts";

export interface PipelineState {
  readonly name: string;
  /** `ended`: with an error; one that ended by itself is forgotten. */
  readonly state: "opening" | "running" | "failing" | "ended";
  /** The code of what failed it or ended it. */
  readonly code?: string;
  /** While it is open. */
  readonly looks?: OpenLooks;
  /** Asks the ledger, whether it is open or not; undefined where there is none, or nobody can tell. */
  readonly askLedger: () => Promise<LedgerLook | undefined>;
}

export interface PipelineStates {
  listen(pipeline: ListenedPipeline): RunListener;
  all(): readonly PipelineState[];
}

export function pipelineStates(): PipelineStates {
  const states = new Set<{ current: PipelineState }>();
  return {
    listen({ name: declared = "", lookAtRest }) {
      let looks: OpenLooks | undefined;
      const askLedger = async (): Promise<LedgerLook | undefined> => {
        const { name, state } = entry.current;
        if (looks === undefined || state === "ended") return lookAtRest?.(name);
        const [summary, last] = await Promise.all([looks.summary(), looks.lastTakenIn()]);
        return { summary, last };
      };
      const entry: { current: PipelineState } = { current: { name: declared, state: "opening", askLedger } };
      states.add(entry);
      const change = (state: Pick<PipelineState, "state" | "code" | "looks">): void => {
        entry.current = { name: entry.current.name, askLedger, ...state };
      };
      const open = (): { readonly looks?: OpenLooks } => (looks === undefined ? {} : { looks });
      return {
        opened(given) {
          looks = given;
          entry.current = { name: given.name, state: "running", looks, askLedger };
        },
        emit(event) {
          if (event.type === "round.done") change({ state: "running", ...open() });
          if (event.type === "round.failed") change({ state: "failing", code: event.error.code, ...open() });
        },
        ended(error) {
          // Whoever comes after it under its name tells how it is now.
          if (error === undefined || isLandfallError(error, "ABORTED")) states.delete(entry);
          else change({ state: "ended", code: isLandfallError(error) ? error.code : "INTERNAL" });
        },
      };
    },
    all: () => [...states].map(({ current }) => current),
  };
}

/** A sentence for each pipeline that does not read files now; none where all do. */
export function unreadyOf(states: readonly PipelineState[]): string[] {
  return states.flatMap(({ name, state, code }) => {
    if (state === "running") return [];
    if (state === "opening") return [`${name}: is being opened`];
    return [
      `${name}: ${state === "failing" ? "its last round failed" : "it ended"} with ${code ?? "an error"}`,
    ];
  });
}

/** A sentence for each ledger that does not answer within the time; none where all do. */
export async function silentOf(
  states: readonly PipelineState[],
  options: { readonly milliseconds: number },
): Promise<string[]> {
  const answers = states.map(async ({ name, looks }) => {
    if (looks === undefined) return [];
    const late = [`${name}: its ledger has not answered for ${options.milliseconds} ms`];
    try {
      const answered = looks.lastTakenIn().then((): string[] => []);
      return await within(options.milliseconds, answered, late);
    } catch (error) {
      return [`${name}: its ledger refuses: ${messageOf(error)}`];
    }
  });
  return (await Promise.all(answers)).flat();
}
