import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";

const BUFFER_BYTES = 1024 ** 2;

/** Buffers that no file is being written from: thousands of small files share few. */
const freeBuffers: Buffer[] = [];
const MAX_FREE_BUFFERS = 4;

/** Writes a spill file, made with the first byte, mode 0600 unless another is given. What is given is copied or written before `write` returns. */
export class SpillWriter {
  readonly path: string;
  /** Bytes given so far. */
  bytes = 0;
  #handle: number | undefined;
  #buffer: Buffer | undefined;
  #used = 0;
  /** Bytes that stand in the file. */
  #written = 0;

  readonly #mode: number;

  constructor(path: string, mode = 0o600) {
    this.path = path;
    this.#mode = mode;
  }

  write(content: Buffer): void {
    if (content.length === 0) return;
    this.#handle ??= openSync(this.path, "wx", this.#mode);
    this.#buffer ??= freeBuffers.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES);
    this.bytes += content.length;
    if (this.#used + content.length > BUFFER_BYTES) this.#flush();
    if (content.length > BUFFER_BYTES) {
      this.#writeOut(content);
      return;
    }
    content.copy(this.#buffer, this.#used);
    this.#used += content.length;
  }

  /** Forgets what was given after the first `bytes`. */
  takeBack(bytes: number): void {
    if (bytes === this.bytes) return;
    this.bytes = bytes;
    this.#used = Math.max(0, bytes - this.#written);
    if (bytes >= this.#written) return;
    ftruncateSync(this.#handle!, bytes);
    this.#written = bytes;
  }

  /** All that was given, as long as nothing of it stands in the file; undefined after. Valid until the next call. */
  unwritten(): Buffer | undefined {
    if (this.#written > 0 || this.#used !== this.bytes) return undefined;
    return this.#buffer?.subarray(0, this.#used);
  }

  /** Flushes and closes; closing again does nothing. */
  close(): void {
    if (this.#handle === undefined) return;
    const handle = this.#handle;
    try {
      this.#flush();
    } finally {
      this.#handle = undefined;
      if (this.#buffer !== undefined && freeBuffers.length < MAX_FREE_BUFFERS) freeBuffers.push(this.#buffer);
      this.#buffer = undefined;
      closeSync(handle);
    }
  }

  #flush(): void {
    const used = this.#used;
    this.#used = 0;
    this.#writeOut(this.#buffer!.subarray(0, used));
  }

  #writeOut(content: Buffer): void {
    for (let at = 0; at < content.length;)
      at += writeSync(this.#handle!, content, at, undefined, this.#written + at);
    this.#written += content.length;
  }
}
