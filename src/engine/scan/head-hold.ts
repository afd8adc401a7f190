/** As much of a stream's beginning as tells what it is. */
export const HEAD_BYTES = 512;

/** Holds the first bytes until they can be looked at in one piece; then everything passes. */
export class HeadHold {
  readonly #look: (head: Buffer) => void;
  readonly #write: (bytes: Buffer) => void;
  #held = Buffer.alloc(0);
  #isOpen = false;

  /** `look` is called once, before any `write`, with the first bytes: fewer than `HEAD_BYTES` only where there are no more. */
  constructor(options: { readonly look: (head: Buffer) => void; readonly write: (bytes: Buffer) => void }) {
    this.#look = options.look;
    this.#write = options.write;
  }

  feed(bytes: Buffer): void {
    if (this.#isOpen) return this.#write(bytes);
    const all = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    if (all.length < HEAD_BYTES) this.#held = Buffer.from(all);
    else this.#open(all);
  }

  end(): void {
    if (!this.#isOpen) this.#open(this.#held);
  }

  #open(all: Buffer): void {
    this.#isOpen = true;
    this.#look(all);
    if (all.length > 0) this.#write(all);
  }
}
