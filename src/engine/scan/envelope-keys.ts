/** Which key of an envelope leads to its records: a walk along one path of keys, with what stands beside it named as such. */
import { formatJsonPath } from "../../formats/json-path.ts";

/** What the value of a key is: off the path, the next object on it, what holds the records, or that a second time. */
export type KeyedMeaning = "beside" | "below" | "records" | "again";

/** An escaped character takes six bytes at most (`\u0041`), so that a longer key cannot be the one. */
const BYTES_OF_CHARACTER = 6;

export class EnvelopeKeys {
  /** The path as it is written: `$.data.items`. */
  readonly name: string;
  readonly #path: readonly string[];
  readonly #maxKeyBytes: number;
  #level = 0;
  #found = false;
  #pieces: Buffer[] = [];
  #keyBytes = 0;
  #matches = false;

  constructor(path: readonly string[]) {
    this.#path = path;
    this.name = formatJsonPath(path);
    this.#maxKeyBytes = BYTES_OF_CHARACTER * Math.max(0, ...path.map((key) => key.length));
  }

  startDocument(): void {
    this.#level = 0;
    this.#found = false;
  }

  startKey(): void {
    this.#pieces = [];
    this.#keyBytes = 0;
  }

  /** A piece of the key as it stands in the file. */
  addToKey(piece: Buffer): void {
    this.#keyBytes += piece.length;
    // Bytes are the caller's to overwrite, and a key that is too long need not be held.
    if (this.#keyBytes <= this.#maxKeyBytes) this.#pieces.push(Buffer.from(piece));
  }

  endKey(): void {
    this.#matches =
      this.#keyBytes <= this.#maxKeyBytes &&
      unescaped(Buffer.concat(this.#pieces)) === this.#path[this.#level];
  }

  /** What the value after the key is, and one level down where it leads there. */
  meaning(isObject: boolean): KeyedMeaning {
    if (!this.#matches) return "beside";
    if (this.#level === this.#path.length - 1) {
      if (this.#found) return "again";
      this.#found = true;
      return "records";
    }
    if (!isObject) return "beside";
    this.#level += 1;
    return "below";
  }

  /** An object of the envelope ends: the document with it, unless it stands in another one. */
  close(): "object" | "document" | "missing" {
    if (this.#level === 0) return this.#found ? "document" : "missing";
    this.#level -= 1;
    return "object";
  }
}

/** Undefined for a key that JSON does not allow: it is never the one. */
function unescaped(raw: Buffer): string | undefined {
  try {
    return JSON.parse(`"${raw.toString("utf8")}"`) as string;
  } catch {
    return undefined;
  }
}
