/** What the generator makes: the bytes of a file and what was planted in it. */

export interface Planted {
  /** Complete records, broken ones among them; of a file that cannot be read to its end, none. */
  readonly records: number;
  /** Records that are no record: broken JSON. */
  readonly rejected: number;
  /** Rows with a value that does not fit its column, given the pipeline's hints. */
  readonly rescued: number;
  /** The file cannot be read to its end. */
  readonly quarantined: boolean;
}

export interface ExampleFile {
  /** Below `examples/files`. */
  readonly path: string;
  readonly bytes: Buffer;
  readonly planted: Planted;
}

export function exampleFile(path: string, bytes: Buffer, planted: Partial<Planted>): ExampleFile {
  return { path, bytes, planted: { records: 0, rejected: 0, rescued: 0, quarantined: false, ...planted } };
}
