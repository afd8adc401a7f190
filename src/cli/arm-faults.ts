/**
 * `LANDFALL_FAULT` arms the named points of `base/fault-point.ts` in this process: for `landfall prove` and the crash tests, which
 * start the program as a child. Every point that strikes says so on stderr, so that whoever armed it knows that it was reached.
 */
import { existsSync, writeFileSync, writeSync } from "node:fs";
import process from "node:process";
import { onFaultPoint } from "../base/fault-point.ts";
import { LandfallError } from "../base/landfall-error.ts";

/**
 * What happens at a point; `pause` holds the whole thread until the file is there, as a stopped process would be. `poison` is of the
 * engine's process, which kills itself before it reads a file that holds the text.
 */
export type FaultAction =
  | { readonly kind: "program" | "engine" | "both" }
  | { readonly kind: "pause"; readonly file: string }
  | { readonly kind: "poison"; readonly text: string };

export interface ArmedFault {
  readonly point: string;
  /** The how many-th time that the point is reached; from 1. */
  readonly nth: number;
  readonly action: FaultAction;
}

/** Begins every line that an armed point writes. */
const FAULT_LINE = "landfall fault: ";

let poison: string | undefined;
let foldAfter: number | undefined;
let engineProcess: () => number | undefined = () => undefined;

/** What whoever opens a pipeline must be told, so that a point can strike at its engine and every point is reached. */
export function armedOptions(): {
  /** What a file holds that kills the engine's process; undefined unless armed. */
  readonly poison: string | undefined;
  /** So many done batches are folded into one file; undefined: as many as ever. */
  readonly foldAfter: number | undefined;
  readonly onEngine: (find: () => number | undefined) => void;
} {
  return { poison, foldAfter, onEngine: (find) => void (engineProcess = find) };
}

/**
 * Parts `point:nth[:action]`, several separated by commas; actions are `program` (default), `engine`, `both` (killed by SIGKILL)
 * and `pause=FILE` (FILE.reached is made, and the program waits for FILE). `engine.reads:1:poison=TEXT` kills the engine's process
 * whenever it is given a file that holds TEXT.
 *
 * @throws LandfallError USAGE
 */
export function parseFaults(text: string): readonly ArmedFault[] {
  return text.split(",").map((part) => {
    const match = /^([\w.]+):(\d+)(?::(program|engine|both|(pause|poison)=(.+)))?$/.exec(part);
    if (match === null) {
      throw new LandfallError("USAGE", {
        message: `LANDFALL_FAULT: "${part}" arms nothing.`,
        hint: "It is for tests of Landfall itself: point:nth[:program|engine|both|pause=FILE|poison=TEXT]. Unset it.",
      });
    }
    const [, point = "", nth = "", kind = "program", named, value = ""] = match;
    return { point, nth: Number(nth), action: actionOf(named ?? kind, value) };
  });
}

function actionOf(kind: string, value: string): FaultAction {
  if (kind === "pause") return { kind, file: value };
  if (kind === "poison") return { kind, text: value };
  return { kind: kind as "program" | "engine" | "both" };
}

/**
 * Arms what the variable says; with `trace` every point that is passed is named on stderr. `foldAfter` (`LANDFALL_FOLD_AFTER`) is a
 * whole number: of few batches enough are done to be folded. Nothing when all are unset.
 */
export function armFaults(options: {
  readonly faults: string | undefined;
  readonly trace: string | undefined;
  readonly foldAfter: string | undefined;
}): void {
  foldAfter = parseFoldAfter(options.foldAfter);
  const armed = options.faults === undefined || options.faults === "" ? [] : parseFaults(options.faults);
  for (const { action } of armed) if (action.kind === "poison") poison = action.text;
  const trace = options.trace !== undefined && options.trace !== "";
  if (armed.length === 0 && !trace) return;
  const passed = new Map<string, number>();
  onFaultPoint((point) => {
    const count = (passed.get(point) ?? 0) + 1;
    passed.set(point, count);
    if (trace) writeSync(process.stderr.fd, `landfall passed: ${point}\n`);
    for (const fault of armed) {
      if (fault.point === point && fault.nth === count) strike(fault);
    }
  });
}

/** @throws LandfallError USAGE */
export function parseFoldAfter(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new LandfallError("USAGE", {
    message: `LANDFALL_FOLD_AFTER: "${text}" is no number of batches.`,
    hint: "It is for tests of Landfall itself: a whole number from 1. Unset it.",
  });
}

function strike({ point, action }: ArmedFault): void {
  writeSync(process.stderr.fd, `${FAULT_LINE}${point} ${action.kind}\n`);
  switch (action.kind) {
    case "pause":
      writeFileSync(`${action.file}.reached`, "");
      while (!existsSync(action.file)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      return;
    case "poison":
      return;
    case "program":
    case "engine":
    case "both": {
      const engine = engineProcess();
      if (action.kind !== "program" && engine !== undefined) process.kill(engine, "SIGKILL");
      if (action.kind !== "engine") process.kill(process.pid, "SIGKILL");
      return;
    }
    default:
      action satisfies never;
  }
}
