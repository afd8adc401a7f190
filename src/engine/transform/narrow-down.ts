/** Which of many rows make something fail, by trying halves. Pure but for the trial. */

export interface FailingRow {
  /** Its place, from 0. */
  readonly at: number;
  readonly reason: string;
}

export interface Narrowed {
  readonly rows: readonly FailingRow[];
  /** True where more may fail: enough were found, or the trials were used up. */
  readonly isCut: boolean;
}

export interface NarrowOptions {
  /** How many rows there are. They fail together. */
  readonly rows: number;
  /** Why the rows from `from` to before `to` fail; undefined where they do not. */
  readonly trial: (from: number, to: number) => Promise<string | undefined>;
  readonly maxTrials: number;
  readonly maxRows: number;
}

/**
 * Rows that fail alone, in their order. None where they fail only together. Where one half does not fail the other is taken to, and the
 * row at the end of that is tried before it is named.
 */
export async function narrowDown(options: NarrowOptions): Promise<Narrowed> {
  const found: FailingRow[] = [];
  let left = options.maxTrials;
  let isCut = false;
  const trial = (from: number, to: number): Promise<string | undefined> => {
    left -= 1;
    return options.trial(from, to);
  };
  const isOver = (): boolean => {
    if (left > 0 && found.length < options.maxRows) return false;
    isCut = true;
    return true;
  };
  const search = async (from: number, to: number, known?: string): Promise<void> => {
    if (to - from === 1) {
      const reason = known ?? (isOver() ? undefined : await trial(from, to));
      if (reason !== undefined) found.push({ at: from, reason });
      return;
    }
    if (isOver()) return;
    const middle = from + Math.ceil((to - from) / 2);
    const reason = await trial(from, middle);
    if (reason === undefined) return search(middle, to);
    await search(from, middle, reason);
    if (isOver()) return;
    const other = await trial(middle, to);
    if (other !== undefined) await search(middle, to, other);
  };
  if (options.rows > 0) await search(0, options.rows);
  return { rows: found, isCut };
}
