/**
 * `landfall prove`: kills the program on purpose, at every named point and at random times, lets it heal, and counts every row and
 * every file. Answers data; the command line prints it.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "../../engine/engine.ts";
import { plannedKills, type KillTarget, type PlannedKill, type ScratchKind } from "./fault-steps.ts";
import { keepCase, type HealedWorld } from "./keep-case.ts";
import type { Program } from "./landfall-process.ts";
import {
  runPlannedKill,
  runRandomKill,
  runUndisturbed,
  type CaseResult,
  type CaseTools,
  type RandomKill,
} from "./run-case.ts";
import { OWN_PIPELINES, type ScratchPipelines } from "./scratch-pipelines.ts";
import { seededRandom, type SeededRandom } from "./seeded-random.ts";
import { makeWorkbench } from "./workbench.ts";

export interface ProveOptions {
  /** An empty folder, on a local disk. */
  readonly folder: string;
  /** What is killed; default: pipelines of its own. */
  readonly pipelines?: ScratchPipelines;
  /** Kills at random times; default 30. */
  readonly kills?: number;
  readonly seed: number;
  /** Kills at each named point at most, drawn by the seed of the phases and targets that it has; default: all. */
  readonly perPoint?: number | undefined;
  /** Only points whose names begin with it, and no random kills. */
  readonly only?: string | undefined;
  readonly program: Program;
  readonly engine: Engine;
  /** An empty folder that gets what each kill left (`keep-case.ts`), and at the end `kept.json`; default: nothing is kept. */
  readonly keep?: string | undefined;
  /** Cases that run beside each other; default 2. */
  readonly abreast?: number;
  readonly onProgress?: (done: number, of: number) => void;
  readonly signal?: AbortSignal;
}

export interface ProvedStep {
  /** The point, or `random` and the point that was passed last. */
  readonly step: string;
  readonly kills: number;
}

export interface ProveFault {
  /** The kill, so that it can be done again. */
  readonly kill: string;
  readonly faults: readonly string[];
}

export interface ProveResult {
  readonly seed: number;
  readonly steps: readonly ProvedStep[];
  readonly randomKills: number;
  /** Points that a declared pipeline never passes, because of its options. */
  readonly leftOut: readonly string[];
  /** Kills that were planned and hit nothing, and everything that was wrong after a kill. */
  readonly faults: readonly ProveFault[];
  readonly held: boolean;
}

type Case = { readonly name: string; readonly step: string; run(tools: CaseTools): Promise<CaseResult> };

/** Throws what the engine or the disk throw; a broken promise of Landfall is a fault in the result. */
export async function prove(options: ProveOptions): Promise<ProveResult> {
  const { folder, seed, program, engine, only, abreast = 2, signal } = options;
  const random = seededRandom(seed);
  const { pipelines = OWN_PIPELINES } = options;
  const kills = only === undefined ? (options.kills ?? 30) : 0;
  const kind = onlyKind(pipelines);
  const cases = [
    ...(kind === undefined ? [] : [undisturbedCase(kind)]),
    ...drawnKills(plannedKills({ only, kind }), options.perPoint, random).map(plannedCase),
    ...randomCases(kills, pipelines.kinds, random),
  ];
  const queue = [...cases.entries()];
  const results: { case: Case; result: CaseResult }[] = [];
  const worker = async (slot: number): Promise<void> => {
    const bench = makeWorkbench({ folder: join(folder, `bench-${slot}`), seed, program, pipelines });
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      signal?.throwIfAborted();
      const [index, planned] = next;
      const result = await planned.run({ bench, program, engine });
      results[index] = { case: planned, result };
      if (options.keep !== undefined && isKept(result)) {
        const own = join(options.keep, String(index + 1).padStart(4, "0"));
        keepCase({
          folder: own,
          pipeline: bench.folder,
          kill: planned.name,
          world: result.world,
          rows: kind === undefined ? "own" : "declared",
        });
      }
      options.onProgress?.(results.filter(Boolean).length, cases.length);
    }
  };
  await Promise.all(Array.from({ length: abreast }, (_none, slot) => worker(slot)));
  if (options.keep !== undefined) writeKept(options.keep, seed, results);
  return { ...tally(seed, results), leftOut: leftOut({ only, kind }) };
}

/** Of each point so many; over many seeds each comes to its turn. */
function drawnKills(
  kills: readonly PlannedKill[],
  perPoint: number | undefined,
  random: SeededRandom,
): readonly PlannedKill[] {
  if (perPoint === undefined) return kills;
  return [...Map.groupBy(kills, ({ step }) => step.point).values()].flatMap((ofPoint) => {
    const left = [...ofPoint];
    return Array.from(
      { length: Math.min(perPoint, left.length) },
      () => left.splice(random.below(left.length), 1)[0]!,
    );
  });
}

/** Points of other kinds of pipelines. */
function leftOut(options: {
  readonly only: string | undefined;
  readonly kind: ScratchKind | undefined;
}): readonly string[] {
  const taken = new Set(plannedKills(options).map(({ step }) => step.point));
  const all = new Set(plannedKills({ only: options.only }).map(({ step }) => step.point));
  return [...all].filter((point) => !taken.has(point));
}

/** From the outside nobody can tell which names a pipeline had vacated when other files took them: those tables are not kept. */
function isKept(result: CaseResult): result is CaseResult & { readonly world: HealedWorld } {
  return result.world !== undefined && result.world.kind !== "archive";
}

/** Says how many cases there must be, so that a reader of the folder misses none. */
function writeKept(folder: string, seed: number, results: readonly { readonly result: CaseResult }[]): void {
  const cases = results.filter(({ result }) => isKept(result)).length;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "kept.json"), `${JSON.stringify({ schemaVersion: 1, seed, cases })}\n`);
}

/** The kind of a declared pipeline: there are no others to kill. */
export function onlyKind({ kinds }: ScratchPipelines): ScratchKind | undefined {
  return kinds.length === 1 ? kinds[0] : undefined;
}

function undisturbedCase(kind: ScratchKind): Case {
  return { name: "nobody kills it", step: "(nobody kills it)", run: (tools) => runUndisturbed(tools, kind) };
}

function plannedCase(kill: PlannedKill): Case {
  const { step, phase, target, scratch } = kill;
  return {
    name: `${step.point}, ${phase} (${target}, ${scratch})`,
    step: step.point,
    run: (tools) => runPlannedKill(tools, kill),
  };
}

/** About as many points as a run of a scratch pipeline passes; a kill that came too late is tried again, sooner. */
const MOST_POINTS = 130;
/** Between two points, or in the middle of what the engine does. */
const LONGEST_MS = 40;
const TRIES = 8;

function randomCases(kills: number, kinds: readonly ScratchKind[], random: SeededRandom): Case[] {
  return Array.from({ length: kills }, (_none, index) => {
    const own = seededRandom(random.below(2 ** 31));
    const scratch = own.pick(kinds);
    const start = own.pick(["fresh", "grown"] as const);
    // The first run under a baseline reads nothing: it has no engine.
    const hasEngine = scratch !== "baseline" || start === "grown";
    const target = own.pick<KillTarget>(["program", "program", "both", hasEngine ? "engine" : "program"]);
    const kill = {
      scratch,
      start,
      target,
      loseLedger: own.chance(0.25),
      round: String(index),
      random: own,
    };
    return {
      name: `random ${index + 1} (${target}, ${kill.scratch}, ${kill.start}${kill.loseLedger ? ", ledger lost" : ""})`,
      step: "random",
      run: (tools) => untilKilled(tools, kill),
    };
  });
}

async function untilKilled(
  tools: CaseTools,
  kill: Omit<RandomKill, "passed" | "milliseconds">,
): Promise<CaseResult> {
  const { random } = kill;
  let passed = random.below(MOST_POINTS);
  for (let attempt = 1; ; attempt++) {
    const result = await runRandomKill(tools, { ...kill, passed, milliseconds: random.below(LONGEST_MS) });
    if (result.killed) return result;
    if (attempt === TRIES) return { ...result, faults: [`no kill hit it in ${TRIES} tries`] };
    // The engine may not have been there yet; everything else had ended before.
    passed = kill.target === "engine" ? random.below(MOST_POINTS) : Math.floor(passed * 0.6);
  }
}

function tally(
  seed: number,
  results: readonly { readonly case: Case; readonly result: CaseResult }[],
): Omit<ProveResult, "leftOut"> {
  const steps = new Map<string, number>();
  let randomKills = 0;
  for (const { case: planned, result } of results) {
    const isRandom = planned.step === "random";
    const step = isRandom ? `random, after ${result.lastPassed ?? "(start)"}` : planned.step;
    steps.set(step, (steps.get(step) ?? 0) + (result.killed ? 1 : 0));
    if (isRandom && result.killed) randomKills += 1;
  }
  const faults = results
    .filter(({ result }) => result.faults.length > 0)
    .map(({ case: planned, result }) => ({ kill: planned.name, faults: result.faults }));
  return {
    seed,
    steps: [...steps].map(([step, kills]) => ({ step, kills })),
    randomKills,
    faults,
    held: faults.length === 0,
  };
}
