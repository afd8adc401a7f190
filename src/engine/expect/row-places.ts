/** Where the rows that the engine reads stood in the files of the batch: its inputs may hold the records of many files, without those that were malformed. Pure. */

/** From the row `first` of an input on, row after row is record after record of a file. Both count from 1. */
export interface RowRun {
  readonly source: string;
  readonly first: number;
  readonly file: string;
  readonly record: number;
}

/** A file's part of an input. */
export interface InputPart {
  readonly key: string;
  readonly records: number;
  /** Records that are not in the input, ascending, from 1. */
  readonly missing?: readonly number[];
}

/** The runs of one input, in its order. */
export function rowRuns(source: string, parts: readonly InputPart[]): RowRun[] {
  const runs: RowRun[] = [];
  let row = 1;
  for (const { key, records, missing = [] } of parts) {
    let record = 1;
    for (const gap of [...missing, records + 1]) {
      if (gap > record) runs.push({ source, first: row, file: key, record });
      row += gap - record;
      record = gap + 1;
    }
  }
  return runs;
}
