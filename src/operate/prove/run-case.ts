/** One case: a run that is killed, runs until the pipeline is at rest again, and the oracle's verdict. */
import { existsSync, rmSync } from "node:fs";
import type { Engine } from "../../engine/engine.ts";
import { meanwhile } from "./arrival-plan.ts";
import {
  FAULT_STEPS,
  type FaultStep,
  type KillTarget,
  type PlannedKill,
  type ScratchKind,
} from "./fault-steps.ts";
import {
  childrenOf,
  killProcess,
  startProgram,
  type Program,
  type ProgramEnd,
  type RunningProgram,
} from "./landfall-process.ts";
import { askOracle } from "./oracle.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { HealedWorld } from "./keep-case.ts";
import { changeSource, EMPTY_HISTORY, type SourceHistory } from "./source-history.ts";
import type { StartingPoint, Workbench } from "./workbench.ts";

/** What cases run with. */
export interface CaseTools {
  readonly bench: Workbench;
  readonly program: Program;
  /** Reads the table for the oracle. */
  readonly engine: Engine;
}

export interface CaseResult {
  /** False when the process ended before it could be killed, or the point was never reached. */
  readonly killed: boolean;
  /** What is wrong after healing; empty when everything held. */
  readonly faults: readonly string[];
  /** Of a random kill: the last named point that was passed before it. */
  readonly lastPassed?: string;
  /** What the table has to answer for; of kills that hit. */
  readonly world?: HealedWorld;
}

/** Runs until rest after a kill; more would mean that healing goes on forever. */
const HEALING_RUNS = 3;

/** Kills at a named point. */
export async function runPlannedKill(tools: CaseTools, kill: PlannedKill): Promise<CaseResult> {
  let result: CaseResult = { killed: false, faults: ["no kill was planned"] };
  for (const pass of kill.passes) {
    result = await runKillAtPass(tools, { ...kill, pass });
    if (result.killed) return result;
  }
  return result;
}

async function runKillAtPass(
  tools: CaseTools,
  kill: PlannedKill & { readonly pass: number },
): Promise<CaseResult> {
  const { step, phase, target, scratch, pass } = kill;
  const start = phase === "first" ? "fresh" : "grown";
  const history = await tools.bench.restore(scratch, start);
  if (phase === "recovery") {
    const before = FAULT_STEPS.find(({ point }) => point === step.after);
    const first = await killAt(tools, `${step.after ?? ""}:1:program`, before?.command);
    if (!first)
      return { killed: false, faults: [`${step.after ?? "no point"} was not reached before recovery`] };
  }
  const command = phase === "later" ? step.command : undefined;
  const killed = await killAt(tools, `${step.point}:${pass}:${target}`, command);
  if (!killed) return { killed, faults: [`the point was not reached`] };
  const { before } = tools.bench;
  const world = { kind: scratch, history, before, settled: settledAt(start, tools.bench) };
  return { killed, faults: await heal(tools, world), world };
}

/** A pipeline that is grown was prepared by a run that nobody killed. */
function settledAt(start: StartingPoint, bench: Workbench): SourceHistory {
  return start === "grown" ? bench.before : EMPTY_HISTORY;
}

/** Nobody kills it: what is wrong then is wrong with the pipeline or its scratch data. */
export async function runUndisturbed(tools: CaseTools, kind: ScratchKind): Promise<CaseResult> {
  const history = await tools.bench.restore(kind, "grown");
  const { before } = tools.bench;
  const world = { kind, history, before, settled: before };
  return { killed: false, faults: await heal(tools, world), world };
}

async function killAt(
  { bench, program }: CaseTools,
  faults: string,
  command?: FaultStep["command"],
): Promise<boolean> {
  const { declaration } = bench;
  const run = command === "retry" ? ["files", "retry", declaration, "--failed"] : ["run", declaration];
  const end = await startProgram(program, { arguments: run, faults }).ended;
  const struck = end.stderr.includes("landfall fault: ");
  // The engine's death alone leaves the program to end by itself.
  return struck && (faults.endsWith(":engine") || end.signal === "SIGKILL");
}

export interface RandomKill {
  readonly scratch: ScratchKind;
  readonly start: StartingPoint;
  readonly target: KillTarget;
  /** How many points are passed before, and milliseconds from there: so a busy machine is hit as widely as an idle one. */
  readonly passed: number;
  readonly milliseconds: number;
  /** The ledger is lost with the process. */
  readonly loseLedger: boolean;
  readonly random: SeededRandom;
  readonly round: string;
}

/** Kills in the middle of things, then lets the world move on, loses the ledger where asked to, and heals. */
export async function runRandomKill(tools: CaseTools, kill: RandomKill): Promise<CaseResult> {
  const { bench, program } = tools;
  const history = await bench.restore(kill.scratch, kill.start);
  const running = startProgram(program, { arguments: ["run", bench.declaration], trace: true });
  const struck = await strikeAfter(running, kill);
  const end = await running.ended;
  const lastPassed = /.*landfall passed: (\S+)/s.exec(end.stderr)?.[1] ?? "(start)";
  const killed = struck && (kill.target === "engine" || end.signal === "SIGKILL");
  if (!killed) return { killed, faults: [], lastPassed };
  const changes = meanwhile(bench.data, kill.random, [...history.lying.keys()], kill.round);
  const moved = changeSource(bench.source, history, changes, bench.data);
  if (kill.loseLedger) loseLedger(bench);
  // A baseline that did not come to be written is of what lies there at the next run.
  const before = existsSync(bench.baseline) ? bench.before : moved;
  const world = { kind: kill.scratch, history: moved, before, settled: settledAt(kill.start, bench) };
  return { killed, faults: await heal(tools, world), lastPassed, world };
}

/** False when the program ended before. */
function strikeAfter(running: RunningProgram, kill: RandomKill): Promise<boolean> {
  return new Promise((resolve) => {
    let passed = 0;
    let timer: NodeJS.Timeout | undefined;
    const look = (text: string): void => {
      passed += text.split("landfall passed: ").length - 1;
      if (passed < kill.passed || timer !== undefined) return;
      timer = setTimeout(() => resolve(strike(running.child.pid ?? 0, kill.target)), kill.milliseconds);
    };
    running.child.stderr?.on("data", look);
    running.child.once("exit", () => {
      clearTimeout(timer);
      resolve(false);
    });
    look("");
  });
}

function strike(pid: number, target: KillTarget): boolean {
  if (target === "program") return killProcess(pid);
  if (target === "both") return killProcess(-pid);
  const [engine] = childrenOf(pid);
  return engine !== undefined && killProcess(engine);
}

function loseLedger({ ledger }: Workbench): void {
  for (const end of ["", "-wal", "-shm"]) rmSync(`${ledger}${end}`, { force: true });
}

/** Runs until nothing is left to do, and asks the oracle. */
async function heal(tools: CaseTools, world: HealedWorld): Promise<readonly string[]> {
  const { bench, program, engine } = tools;
  let end: ProgramEnd | undefined;
  for (let run = 0; run < HEALING_RUNS && end?.code !== 0 && end?.code !== 1; run++)
    end = await startProgram(program, { arguments: ["run", bench.declaration] }).ended;
  if (end?.code !== 0 && end?.code !== 1)
    return [`it did not heal in ${HEALING_RUNS} runs: ${end?.stderr.trim() ?? ""}`];
  if (!existsSync(bench.ledger)) return ["there is no ledger after healing"];
  const { folder, table, ledger, scratchFolder } = bench;
  const { idColumn } = bench.data;
  return askOracle({ ...world, idColumn, folder, table, ledger, engine, scratchFolder });
}
