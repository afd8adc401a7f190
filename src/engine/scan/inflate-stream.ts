/** One of Node's decompressors, driven piece by piece: what it says of its input can be trusted after each. */
import type { Transform } from "node:stream";

export interface InflateStreamOptions {
  readonly stream: Transform & { readonly bytesWritten: number };
  /** Takes output, in order. What it throws is thrown by the call that led to it. */
  readonly write: (bytes: Buffer) => void;
  /** Makes the error for data that cannot be decompressed. */
  readonly damaged: (cause: Error) => Error;
}

export class InflateStream {
  readonly #stream: InflateStreamOptions["stream"];
  readonly #over: Promise<void>;
  #failure: unknown;

  constructor(options: InflateStreamOptions) {
    const { stream, write, damaged } = options;
    this.#stream = stream;
    stream.on("error", (error: Error) => {
      this.#failure ??= damaged(error);
    });
    stream.on("data", (bytes: Buffer) => {
      if (this.#failure !== undefined) return;
      try {
        write(bytes);
      } catch (error) {
        this.#failure = error;
      }
    });
    // Every end counts, because a stream that fails calls back neither its write nor its end.
    this.#over = new Promise<void>((resolve) => {
      for (const event of ["end", "error", "close"]) stream.once(event, () => resolve());
    });
  }

  /** Input bytes that the stream has used; those after its end are not among them. */
  get used(): number {
    return this.#stream.bytesWritten;
  }

  /** Until this is over, the input must not be overwritten. */
  async write(input: Buffer): Promise<void> {
    await Promise.race([
      this.#over,
      new Promise<void>((resolve) => this.#stream.write(input, () => resolve())),
    ]);
    this.#check();
  }

  async end(): Promise<void> {
    this.#stream.end();
    await this.#over;
    this.#check();
  }

  destroy(): void {
    this.#stream.destroy();
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }
}
