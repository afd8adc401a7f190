/**
 * Where `landfall prove` kills: every named point of the flow, with the phases in which it is reached. A point that is never reached
 * fails the run, and a test compares this table with the points that stand in the code.
 */

/** Whose process ends: the program (its engine's ends with it), the engine's alone, or both at once. */
export type KillTarget = "program" | "engine" | "both";

/**
 * `first`: the first batch of a new table. `later`: a run over a table that has batches, with late and overwritten files.
 * `recovery`: the run after a run that was killed at `after`.
 */
export type KillPhase = "first" | "later" | "recovery";

/** Which scratch pipeline: see `scratch-pipelines.ts`. */
export type ScratchKind = "ignore" | "append" | "baseline" | "archive" | "compact";

export interface FaultStep {
  readonly point: string;
  /** For each phase: how many times the point is passed before the kill, plus one. */
  readonly phases: Readonly<Partial<Record<KillPhase, number>>>;
  /** Of the recovery phase: the point that the run before was killed at. */
  readonly after?: string;
  /** Default: the program only. */
  readonly targets?: readonly KillTarget[];
  /** Default: `ignore` and `append` by turns. */
  readonly scratch?: ScratchKind;
  /** What is killed in the phase `later`: a run (default), or `files retry --failed` after one. The recovery is a run. */
  readonly command?: "retry";
}

const ALL: readonly KillTarget[] = ["program", "engine", "both"];

export const FAULT_STEPS: readonly FaultStep[] = [
  { point: "lease.taken", phases: { first: 1, later: 1, recovery: 1 }, after: "commit.after" },
  { point: "identity.written", phases: { first: 1 } },
  { point: "identity.known", phases: { first: 1, later: 1, recovery: 1 }, after: "stage.after" },
  { point: "baseline.written", phases: { first: 1 }, scratch: "baseline" },
  {
    point: "baseline.known",
    phases: { first: 1, later: 1, recovery: 1 },
    after: "commit.after",
    scratch: "baseline",
  },
  { point: "discover.observed", phases: { first: 1, later: 2, recovery: 1 }, after: "stage.after" },
  { point: "skip.known", phases: { later: 1, recovery: 1 }, after: "discover.observed", scratch: "ignore" },
  { point: "plan.before", phases: { first: 1, later: 1, recovery: 1 }, after: "commit.after" },
  { point: "plan.after", phases: { first: 1, later: 2, recovery: 1 }, after: "stage.after" },
  { point: "engine.started", phases: { first: 1, later: 1, recovery: 1 }, after: "plan.after", targets: ALL },
  {
    point: "engine.called",
    phases: { first: 1, later: 2, recovery: 1 },
    after: "commit.after",
    targets: ALL,
  },
  { point: "stage.read", phases: { first: 1, later: 2, recovery: 1 }, after: "stage.read", targets: ALL },
  { point: "stage.manifest", phases: { first: 1, later: 1, recovery: 1 }, after: "stage.manifest" },
  { point: "stage.datafile", phases: { first: 2, later: 1, recovery: 1 }, after: "stage.datafile" },
  { point: "stage.rejects", phases: { first: 1, later: 1, recovery: 1 }, after: "stage.datafile" },
  { point: "stage.after", phases: { first: 1, later: 2, recovery: 1 }, after: "stage.after" },
  { point: "stage.known", phases: { first: 1, later: 1, recovery: 1 }, after: "stage.after" },
  { point: "commit.before", phases: { first: 1, later: 1, recovery: 1 }, after: "commit.before" },
  { point: "commit.after", phases: { first: 1, later: 1, recovery: 1 }, after: "commit.after", targets: ALL },
  { point: "commit.readback", phases: { first: 1, later: 2 } },
  { point: "commit.known", phases: { first: 1, later: 2 } },
  { point: "settle.before", phases: { first: 1, later: 1, recovery: 1 }, after: "commit.after" },
  { point: "settle.after", phases: { first: 1, later: 1, recovery: 1 }, after: "commit.after" },
  { point: "done.written", phases: { first: 1, later: 1, recovery: 1 }, after: "settle.after" },
  { point: "done.known", phases: { first: 1, later: 1, recovery: 1 }, after: "settle.after" },
  { point: "table.known", phases: { first: 1, later: 1, recovery: 1 }, after: "done.known" },
  { point: "recover.voided", phases: { recovery: 1 }, after: "stage.after" },
  { point: "lost.before", phases: { recovery: 1 }, after: "stage.after" },
  { point: "lost.removed", phases: { recovery: 1 }, after: "stage.after" },
  {
    point: "checkpoint.before",
    phases: { first: 1, later: 1, recovery: 1 },
    after: "commit.after",
    targets: ALL,
  },
  { point: "checkpoint.written", phases: { first: 1, later: 1, recovery: 1 }, after: "commit.after" },
  { point: "checkpoint.after", phases: { first: 1, later: 1 } },
  { point: "decision.written", phases: { later: 1 }, command: "retry" },
  {
    point: "decision.known",
    phases: { later: 1, recovery: 1 },
    after: "decision.written",
    command: "retry",
  },
  { point: "file.complete", phases: { first: 3, later: 4, recovery: 2 }, after: "file.complete" },
  { point: "file.linked", phases: { first: 3, later: 5, recovery: 3 }, after: "file.linked" },
  { point: "file.named", phases: { first: 5, later: 6, recovery: 4 }, after: "file.named" },
  // The quarantined file of a run comes before those that were committed.
  ...tidySteps({
    "tidy.before": { first: 1, later: 2, after: "tidy.before" },
    "tidy.recorded": { first: 1, later: 2, after: "tidy.recorded" },
    "tidy.known": { first: 2, later: 1, after: "tidy.recorded" },
    "tidy.held": { first: 1, later: 3, after: "tidy.held" },
    "tidy.compared": { first: 2, later: 1, after: "tidy.held" },
    "file.filled": { first: 1, later: 1, after: "file.filled" },
    "tidy.placed": { first: 1, later: 3, after: "tidy.held" },
    "tidy.removed": { first: 2, later: 1, after: "tidy.placed" },
    "tidy.done": { first: 1, later: 2, after: "tidy.removed" },
  }),
  ...[
    { point: "compact.record", phases: { first: 1, later: 1, recovery: 1 }, after: "compact.record" },
    { point: "compact.datafile", phases: { first: 1, later: 2, recovery: 1 }, after: "compact.datafile" },
    { point: "compact.before", phases: { first: 1, later: 1, recovery: 1 }, after: "compact.before" },
    { point: "compact.after", phases: { first: 1, later: 1, recovery: 1 }, after: "compact.datafile" },
    { point: "compact.marked", phases: { first: 1, later: 1, recovery: 1 }, after: "compact.before" },
    { point: "compact.lost", phases: { recovery: 1 }, after: "compact.datafile" },
    // Only a table that is some days old has what may go.
    { point: "cleanup.before", phases: { later: 1, recovery: 1 }, after: "plan.after" },
    { point: "cleanup.removed", phases: { later: 1, recovery: 1 }, after: "plan.after" },
  ].map((step) => ({ ...step, scratch: "compact" as const })),
  { point: "fold.before", phases: { first: 1, later: 2, recovery: 1 }, after: "fold.before" },
  { point: "fold.written", phases: { first: 1, later: 2, recovery: 1 }, after: "fold.before" },
  { point: "fold.manifests", phases: { first: 1, later: 2, recovery: 1 }, after: "fold.written" },
  { point: "fold.done", phases: { first: 1, later: 1, recovery: 1 }, after: "fold.manifests" },
  // Records of earlier runs, as a start finds them.
  ...[
    { point: "fold.vacates.before", phases: { later: 1, recovery: 1 }, after: "fold.vacates.before" },
    { point: "fold.vacates.written", phases: { later: 1, recovery: 1 }, after: "fold.vacates.before" },
    { point: "fold.vacates.done", phases: { later: 1, recovery: 1 }, after: "fold.vacates.written" },
  ].map((step) => ({ ...step, scratch: "archive" as const })),
  { point: "run.done", phases: { first: 1, later: 1, recovery: 1 }, after: "commit.after" },
];

function tidySteps(
  steps: Readonly<Record<string, { readonly first: number; readonly later: number; readonly after: string }>>,
): FaultStep[] {
  return Object.entries(steps).map(([point, { first, later, after }]) => {
    return { point, phases: { first, later, recovery: 1 }, after, scratch: "archive" };
  });
}

/** One kill at a named point. */
export interface PlannedKill {
  readonly step: FaultStep;
  readonly phase: KillPhase;
  readonly target: KillTarget;
  readonly scratch: ScratchKind;
  /** Passes of the point until the kill, tried in this order until one is reached; `[2]`: at the second. */
  readonly passes: readonly number[];
}

/**
 * All kills of the table, in its order; `only` keeps the steps whose point begins with it, `kind` those that a pipeline of this kind
 * reaches; of such a pipeline nobody knows how often it passes a point, so the first pass is as good as a later one.
 */
export function plannedKills(options: {
  readonly only?: string | undefined;
  readonly kind?: ScratchKind | undefined;
}): readonly PlannedKill[] {
  const { only = "", kind } = options;
  const kills: PlannedKill[] = [];
  for (const step of stepsOf({ only, kind })) {
    for (const phase of Object.keys(step.phases) as KillPhase[]) {
      for (const target of step.targets ?? (["program"] as const)) {
        const scratch = kind ?? step.scratch ?? (kills.length % 2 === 0 ? "ignore" : "append");
        const planned = step.phases[phase] ?? 1;
        const passes = kind === undefined || planned === 1 ? [planned] : [planned, 1];
        kills.push({ step, phase, target, scratch, passes });
      }
    }
  }
  return kills;
}

function stepsOf(options: {
  readonly only: string;
  readonly kind: ScratchKind | undefined;
}): readonly FaultStep[] {
  const { only, kind } = options;
  return FAULT_STEPS.filter(({ point }) => point.startsWith(only)).filter(
    ({ scratch }) => kind === undefined || scratch === undefined || scratch === kind,
  );
}
