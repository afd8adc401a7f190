/** As much of a file's beginning as tells how it is packed: a whole header of tar. */
export const HEAD_BYTES = 512;

const NOTHING = Buffer.alloc(0);

/** Holds the first bytes until they can be looked at in one piece; then everything passes. */
export class HeadHold {
  readonly #look: (head: Buffer) => void;
  readonly #write: (bytes: Buffer) => void;
  readonly #headBytes: number;
  #held = NOTHING;
  #isOpen = false;

  /** `look` is called once, before any `write`, with the first bytes: fewer than `bytes` (default `HEAD_BYTES`) only at the end. */
  constructor(options: {
    readonly bytes?: number;
    readonly look: (head: Buffer) => void;
    readonly write: (bytes: Buffer) => void;
  }) {
    this.#headBytes = options.bytes ?? HEAD_BYTES;
    this.#look = options.look;
    this.#write = options.write;
  }

  feed(bytes: Buffer): void {
    if (this.#isOpen) return this.#write(bytes);
    const all = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    if (all.length < this.#headBytes) this.#held = Buffer.from(all);
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
