/** Is every generation that ever lay in the source in a state that its history allows? Pure. */
import type { Arrival } from "../../ledger/ledger.ts";
import type { ScratchKind } from "./fault-steps.ts";
import type { SourceHistory, WrittenGeneration } from "./source-history.ts";

interface JudgeArrivals {
  readonly kind: ScratchKind;
  readonly history: SourceHistory;
  readonly before: SourceHistory;
  readonly arrivals: readonly Arrival[];
}

export function judgeArrivals(options: JudgeArrivals): readonly string[] {
  const { history, arrivals } = options;
  const found = new Map(arrivals.map((arrival) => [idOf(arrival), arrival]));
  const faults: string[] = [];
  for (const generations of history.generations.values()) {
    for (const written of generations) {
      const arrival = found.get(idOf(written));
      found.delete(idOf(written));
      const wrong =
        arrival === undefined
          ? isLying(history, written) && "lies in the source, and the ledger does not know it"
          : judgeOne(options, written, arrival);
      if (wrong !== false && wrong !== undefined)
        faults.push(`${written.key} (${written.generation}) ${wrong}`);
    }
  }
  for (const arrival of found.values()) faults.push(`${arrival.key} (${arrival.generation}) never arrived`);
  return faults;
}

/** What is wrong with the state of one generation; undefined when it holds. */
function judgeOne(options: JudgeArrivals, written: WrittenGeneration, arrival: Arrival): string | undefined {
  switch (arrival.state) {
    case "committed":
      return written.damaged
        ? "is damaged, and counts as committed"
        : judgeCounts(written, arrival.outcome ?? { read: -1, written: -1, rejected: -1 });
    case "quarantined":
      return written.damaged ? undefined : `is sound, and was quarantined: ${arrival.reason ?? ""}`;
    case "skipped":
      return judgeSkipped(options, written, arrival);
    case "waiting":
    case "discovered":
    case "claimed":
      return `is left ${arrival.state} at rest`;
    case "archived":
      if (options.kind !== "archive") return "is archived, which nobody asked for";
      return judgeCounts(written, arrival.outcome ?? { read: -1, written: -1, rejected: -1 });
    case "deleted":
    case "undone":
    case "forgotten":
      return `is ${arrival.state}, which nobody asked for`;
    default:
      return arrival.state satisfies never;
  }
}

function judgeCounts(
  written: WrittenGeneration,
  outcome: { readonly read: number; readonly written: number; readonly rejected: number },
): string | undefined {
  const { ids, brokenLines } = written;
  const right =
    outcome.read === ids.length + brokenLines &&
    outcome.written === ids.length &&
    outcome.rejected === brokenLines;
  if (right) return undefined;
  return `has ${ids.length} rows and ${brokenLines} broken lines; counted were ${outcome.read} read, ${outcome.written} written, ${outcome.rejected} rejected`;
}

function judgeSkipped(
  options: JudgeArrivals,
  written: WrittenGeneration,
  arrival: Arrival,
): string | undefined {
  const { kind, history, before } = options;
  const rule = arrival.rule ?? "no rule";
  if (rule === "gone")
    return isLying(history, written) ? "lies in the source, and counts as gone" : undefined;
  if (rule === "baseline") {
    const lay = kind === "baseline" && before.lying.get(written.key)?.generation === written.generation;
    return lay ? undefined : "was skipped as baseline, and arrived later";
  }
  if (kind === "append") return `was skipped (${rule}) under onOverwrite: append`;
  const others = options.arrivals.filter(
    (other) =>
      other.key === written.key &&
      other.generation !== written.generation &&
      (other.state === "committed" || other.state === "archived"),
  );
  if (others.length === 0) return `was skipped (${rule}), and no other generation of it stands in the table`;
  // What lies there no more cannot be compared with what was read.
  if (!isLying(history, written)) return undefined;
  const earlier = (history.generations.get(written.key) ?? []).filter((generation) =>
    others.some((other) => other.generation === generation.generation),
  );
  return earlier.some((generation) => relation(generation, written) === rule)
    ? undefined
    : `was skipped as ${rule}, which it is not`;
}

function relation(earlier: WrittenGeneration, later: WrittenGeneration): string {
  if (earlier.content.equals(later.content)) return "touched";
  return later.content.subarray(0, earlier.content.length).equals(earlier.content) ? "grown" : "overwritten";
}

function isLying(history: SourceHistory, written: WrittenGeneration): boolean {
  return history.lying.get(written.key)?.generation === written.generation;
}

function idOf(id: { readonly key: string; readonly generation: string }): string {
  return `${id.generation}\0${id.key}`;
}
