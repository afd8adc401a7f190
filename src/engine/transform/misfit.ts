/** A value that its column cannot hold, with its place in the column's value. */
export class Misfit extends Error {
  readonly value: unknown;
  /** What is wrong with it, to stand after its type. */
  readonly reason: string;
  /** Fields, elements and keys that lead to it, outermost first: `[2].name`. */
  readonly path: string;

  constructor(options: { readonly value: unknown; readonly reason: string; readonly path?: string }) {
    super(options.reason);
    this.value = options.value;
    this.reason = options.reason;
    this.path = options.path ?? "";
  }
}

/** What was thrown at `segment` of a value; of a misfit its place is there. */
export function inside(error: unknown, segment: string): unknown {
  if (!(error instanceof Misfit)) return error;
  return new Misfit({ value: error.value, reason: error.reason, path: segment + error.path });
}
