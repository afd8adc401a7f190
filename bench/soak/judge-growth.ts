/** Whether what was sampled stays as large as it is: a line through the second half of the samples says how much it grew. Pure. */

export interface Sample {
  /** Since the start. */
  readonly seconds: number;
  /** Files that had landed by then. */
  readonly landed: number;
  readonly values: Readonly<Record<string, number>>;
}

export interface Measure {
  readonly name: string;
  /** How people read a value. */
  readonly unit: "bytes" | "count";
  /**
   * `flat`: in the second half the line rises by no more than a tenth of the mean, or by `slack`. `perFile`: what is remembered of every file
   * grows with them, and by no more than `slack` a file.
   */
  readonly bound: "flat" | "perFile";
  readonly slack: number;
}

export interface Growth {
  readonly measure: Measure;
  readonly first: number;
  readonly last: number;
  readonly highest: number;
  /** Of the line over the second half; with `perFile` for each file that landed in it. */
  readonly rise: number;
  readonly allowed: number;
  readonly held: boolean;
}

const ALLOWED_SHARE = 0.1;

/** Undefined with too few samples to draw a line through. */
export function judgeGrowth(samples: readonly Sample[], measure: Measure): Growth | undefined {
  const end = samples.at(-1)?.seconds ?? 0;
  const half = samples.filter(({ seconds }) => seconds * 2 >= end);
  const values = samples.map((sample) => sample.values[measure.name] ?? 0);
  if (half.length < 3) return undefined;
  const mean = average(half.map((sample) => sample.values[measure.name] ?? 0));
  const line = riseOf(half, measure.name);
  const landed = half.at(-1)!.landed - half[0]!.landed;
  const rise = measure.bound === "flat" ? line : line / Math.max(1, landed);
  const allowed = measure.bound === "flat" ? Math.max(mean * ALLOWED_SHARE, measure.slack) : measure.slack;
  return {
    measure,
    first: values[0]!,
    last: values.at(-1)!,
    highest: Math.max(...values),
    rise,
    allowed,
    held: rise <= allowed,
  };
}

/** How far the least-squares line rises from the first of the samples to the last. */
function riseOf(samples: readonly Sample[], name: string): number {
  const times = samples.map(({ seconds }) => seconds);
  const values = samples.map((sample) => sample.values[name] ?? 0);
  const [time, value] = [average(times), average(values)];
  const spread = times.reduce((sum, at) => sum + (at - time) ** 2, 0);
  const slope = times.reduce((sum, at, i) => sum + (at - time) * (values[i]! - value), 0) / (spread || 1);
  return slope * (times.at(-1)! - times[0]!);
}

function average(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
