/**
 * The states of arrivals and batches, and every transition between them (exactly-once rules, §4). The tables are total:
 * a state or event added without its cells does not compile.
 *
 *     arrival   waiting → discovered → claimed → committed → archived | deleted
 *                  └→ unknown                              when it changed or vanished before it rested
 *                              ↑  └────────┴───→ quarantined, skipped(rule)
 *                              ├─ skipped(gone), forgotten   when a listing or a HEAD sees that generation again
 *                              └─ claimed                    when its batch is void or does not name it
 *               any outcome → forgotten | undone             by a decision that names its batchId
 *
 *     batch     planned → staged → committed → settled
 *                  └────────┴─────────┴──→ void → settled    (a zombie's commit landed after all)
 */

export type ArrivalState =
  | "waiting"
  | "discovered"
  | "claimed"
  | "committed"
  | "archived"
  | "deleted"
  | "quarantined"
  | "skipped"
  | "undone"
  | "forgotten";

/** Why an arrival is not read. Only `gone` is not final. */
export type SkipRule = "gone" | "overwritten" | "grown" | "touched" | "baseline" | "adopted";

export type BatchState = "planned" | "staged" | "committed" | "settled" | "void";

const STATES: Readonly<Record<ArrivalState, true>> = {
  waiting: true,
  discovered: true,
  claimed: true,
  committed: true,
  archived: true,
  deleted: true,
  quarantined: true,
  skipped: true,
  undone: true,
  forgotten: true,
};
/** All of them, in the order of an arrival's life. */
export const ARRIVAL_STATES = Object.keys(STATES) as readonly ArrivalState[];

/** States in which an arrival is still to be read. */
export const OPEN_STATES: readonly ArrivalState[] = ["waiting", "discovered", "claimed"];

/** Which arrivals of a batch are tidied: each kind has its own folder and time. */
export type TidyKind = "committed" | "quarantined";

/** What lies in the source of an arrival in one of these states is to be tidied: again, where it was put back. */
export const TIDY_STATES: Readonly<Record<TidyKind, readonly ArrivalState[]>> = {
  committed: ["committed", "archived", "deleted"],
  quarantined: ["quarantined"],
};

/** True for an arrival whose file tidying may concern: it has an outcome that stands. */
export function isTidiable(state: ArrivalState): boolean {
  return Object.values(TIDY_STATES).some((states) => states.includes(state));
}

/**
 * Where an arrival stands when an event meets it: its state, told apart where a rule does. `claimed` is claimed by the batch
 * that the event is about, `claimed(other)` by another one; `skipped(judged)` is what a plan made of a file that changed after its
 * commit, which no manifest names.
 */
export type ArrivalPlace = "unknown" | ArrivalState | "claimed(other)" | "skipped(gone)" | "skipped(judged)";

export type ArrivalEvent =
  /** A listing or a HEAD saw this generation, at rest. */
  | "seen"
  /** A listing or a HEAD saw it, too young to be taken: it may still be written. */
  | "young"
  /** What waits was looked for, and is not there: the file changed or vanished. */
  | "unseen"
  /** A plan takes it. */
  | "claim"
  /** Its batch became void, or was settled without naming it. */
  | "release"
  /** Judged at plan. */
  | "skip"
  /** It lay there when a pipeline with `includeExistingFiles: false` began. */
  | "baseline"
  /** A decision keeps it out: another loader has read it. */
  | "adopt"
  /** What the manifest of a committed batch says of it. */
  | "settleCommitted"
  | "settleQuarantined"
  | "settleSkipped"
  | "settleGone"
  /** Tidied after its commit. */
  | "archive"
  | "delete"
  /** A decision took its outcome back. */
  | "forget"
  | "undo";

/** `unknown`: it is forgotten without a trace. */
export type ArrivalTransition = ArrivalState | "unknown" | "stay" | "refuse";
type ArrivalRow = Readonly<Record<ArrivalEvent, ArrivalTransition>>;

/** A manifest of a committed batch is the truth, whatever this ledger believed (§2). */
const MANIFEST = {
  settleCommitted: "committed",
  settleQuarantined: "quarantined",
  settleSkipped: "skipped",
} as const;
const TAKEN_BACK = { forget: "forgotten", undo: "undone" } as const;
const NO_OUTCOME = { forget: "stay", undo: "stay" } as const;
/** What has rested once is no longer young; and only what waits is forgotten when it is not seen. */
const RESTED = { young: "stay", unseen: "stay" } as const;
/** Tidying may end after a decision took the outcome back: then it changes nothing here. */
const TIDIED_LATE = { archive: "stay", delete: "stay" } as const;
/**
 * With an outcome, or closed for another reason: neither listed, planned nor released again. A claim may meet it none the less:
 * another process on this ledger was quicker, and the plan as a whole is overtaken.
 */
const CLOSED = {
  ...RESTED,
  seen: "stay",
  claim: "stay",
  release: "stay",
  skip: "stay",
  baseline: "stay",
  adopt: "stay",
} as const;
/** A claim may be a dead process's. If its batch did commit, the manifest says so, whichever comes first. */
const ADOPTED = { adopt: "skipped" } as const;

const ARRIVAL_TRANSITIONS: Readonly<Record<ArrivalPlace, ArrivalRow>> = {
  unknown: {
    ...MANIFEST,
    ...NO_OUTCOME,
    ...ADOPTED,
    seen: "discovered",
    young: "waiting",
    unseen: "stay",
    claim: "refuse",
    release: "stay",
    skip: "stay",
    baseline: "skipped",
    settleGone: "skipped",
    archive: "refuse",
    delete: "refuse",
  },
  waiting: {
    ...MANIFEST,
    ...NO_OUTCOME,
    ...ADOPTED,
    ...TIDIED_LATE,
    seen: "discovered",
    young: "stay",
    unseen: "unknown",
    claim: "refuse",
    release: "stay",
    skip: "stay",
    baseline: "skipped",
    settleGone: "skipped",
  },
  discovered: {
    ...MANIFEST,
    ...NO_OUTCOME,
    ...ADOPTED,
    ...TIDIED_LATE,
    ...RESTED,
    seen: "stay",
    claim: "claimed",
    release: "stay",
    skip: "skipped",
    baseline: "skipped",
    settleGone: "skipped",
  },
  claimed: {
    ...MANIFEST,
    ...NO_OUTCOME,
    ...ADOPTED,
    ...TIDIED_LATE,
    ...RESTED,
    seen: "stay",
    claim: "refuse",
    release: "discovered",
    skip: "stay",
    baseline: "stay",
    settleGone: "skipped",
  },
  "claimed(other)": {
    ...MANIFEST,
    ...NO_OUTCOME,
    ...TIDIED_LATE,
    ...CLOSED,
    ...ADOPTED,
    settleGone: "stay",
  },
  committed: {
    ...MANIFEST,
    ...TAKEN_BACK,
    ...CLOSED,
    settleGone: "stay",
    archive: "archived",
    delete: "deleted",
  },
  archived: { ...MANIFEST, ...TAKEN_BACK, ...CLOSED, ...TIDIED_LATE, settleGone: "stay" },
  deleted: { ...MANIFEST, ...TAKEN_BACK, ...CLOSED, ...TIDIED_LATE, settleGone: "stay" },
  quarantined: { ...MANIFEST, ...TAKEN_BACK, ...CLOSED, ...TIDIED_LATE, settleGone: "stay" },
  skipped: { ...MANIFEST, ...TAKEN_BACK, ...CLOSED, ...TIDIED_LATE, settleGone: "stay" },
  // That something else has read it says more than that it changed; and a ledger that hears of the decision first never judges it.
  "skipped(judged)": {
    ...MANIFEST,
    ...TAKEN_BACK,
    ...CLOSED,
    ...ADOPTED,
    ...TIDIED_LATE,
    settleGone: "stay",
  },
  "skipped(gone)": {
    ...MANIFEST,
    ...NO_OUTCOME,
    ...CLOSED,
    ...ADOPTED,
    ...TIDIED_LATE,
    seen: "discovered",
    settleGone: "stay",
  },
  undone: { ...MANIFEST, ...NO_OUTCOME, ...CLOSED, ...TIDIED_LATE, settleGone: "stay" },
  forgotten: {
    ...MANIFEST,
    ...NO_OUTCOME,
    ...CLOSED,
    ...ADOPTED,
    ...TIDIED_LATE,
    seen: "discovered",
    settleGone: "stay",
  },
};

/** The state after the event; `stay` if nothing changes, `refuse` if the event must not meet this place. */
export function nextArrivalState(place: ArrivalPlace, event: ArrivalEvent): ArrivalTransition {
  return ARRIVAL_TRANSITIONS[place][event];
}

export const ARRIVAL_PLACES = Object.keys(ARRIVAL_TRANSITIONS) as readonly ArrivalPlace[];
export const ARRIVAL_EVENTS = Object.keys(ARRIVAL_TRANSITIONS.unknown) as readonly ArrivalEvent[];

/** The place of an arrival, seen from the batch that an event is about; from nowhere, every claim is another's. */
export function arrivalPlace(
  arrival:
    | {
        readonly state: ArrivalState;
        readonly rule?: SkipRule | undefined;
        readonly batchId?: string | undefined;
      }
    | undefined,
  batchId?: string,
): ArrivalPlace {
  if (arrival === undefined) return "unknown";
  if (arrival.state === "skipped" && arrival.rule === "gone") return "skipped(gone)";
  if (isJudged(arrival)) return "skipped(judged)";
  if (arrival.state === "claimed" && arrival.batchId !== batchId) return "claimed(other)";
  return arrival.state;
}

/** A plan's own judgement of a file that changed after its commit. */
export function isJudged(arrival: {
  readonly state: ArrivalState;
  readonly rule?: SkipRule | undefined;
  readonly batchId?: string | undefined;
}): boolean {
  const { state, rule, batchId } = arrival;
  return (
    state === "skipped" &&
    batchId === undefined &&
    (rule === "overwritten" || rule === "grown" || rule === "touched")
  );
}

export type BatchPlace = "unknown" | BatchState;
export type BatchEvent = "plan" | "stage" | "commit" | "void" | "settle";
export type BatchTransition = BatchState | "stay" | "refuse";

/**
 * `stage` and `commit` are hints for people: one that comes late (a zombie wakes up, or another process settled the batch)
 * changes nothing. A settled batch was won; voiding it would be wrong, and a recovery that read the log too early may try.
 */
const BATCH_TRANSITIONS: Readonly<Record<BatchPlace, Readonly<Record<BatchEvent, BatchTransition>>>> = {
  unknown: { plan: "planned", stage: "refuse", commit: "refuse", void: "refuse", settle: "settled" },
  planned: { plan: "refuse", stage: "staged", commit: "committed", void: "void", settle: "settled" },
  staged: { plan: "refuse", stage: "stay", commit: "committed", void: "void", settle: "settled" },
  committed: { plan: "refuse", stage: "stay", commit: "stay", void: "void", settle: "settled" },
  settled: { plan: "refuse", stage: "stay", commit: "stay", void: "stay", settle: "stay" },
  void: { plan: "refuse", stage: "stay", commit: "stay", void: "stay", settle: "settled" },
};

/** The state after the event; `stay` if nothing changes, `refuse` if the event must not meet this place. */
export function nextBatchState(place: BatchPlace, event: BatchEvent): BatchTransition {
  return BATCH_TRANSITIONS[place][event];
}
