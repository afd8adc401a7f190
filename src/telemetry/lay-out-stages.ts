/** Where the stages of a batch lie in time: they are told by their lengths, and laid one after the other up to its end. Pure. */
import type { BatchStage, StageMilliseconds } from "../ingest/events.ts";

export interface LaidStage {
  readonly name: "stage" | BatchStage;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly milliseconds: number;
  /** What is part of it. */
  readonly parts: readonly LaidStage[];
}

/** In the order in which they come; those of staging are one stage with parts. */
const ORDER = ["plan", "stage", "commit", "settle", "done"] as const;
const STAGING = ["engine", "scan", "prepare", "write", "files"] as const;

export function layOutStages(stages: StageMilliseconds, end: number): readonly LaidStage[] {
  const staging = STAGING.reduce((sum, name) => sum + (stages[name] ?? 0), 0);
  const lengths = ORDER.map((name) => (name === "stage" ? staging : (stages[name] ?? 0)));
  let at = end - lengths.reduce((sum, length) => sum + length, 0);
  return ORDER.map((name, i) => {
    const milliseconds = lengths[i]!;
    const laid = { name, at, milliseconds, parts: name === "stage" ? laidParts(stages, at) : [] };
    at += milliseconds;
    return laid;
  });
}

function laidParts(stages: StageMilliseconds, begin: number): readonly LaidStage[] {
  let at = begin;
  return STAGING.flatMap((name) => {
    const milliseconds = stages[name];
    // A format may not tell where its time goes.
    if (milliseconds === undefined) return [];
    const laid = { name, at, milliseconds, parts: [] };
    at += milliseconds;
    return [laid];
  });
}
