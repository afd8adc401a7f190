/** Makes lines of whatever layout a JSON file has, one record each; a file of lines passes through as it is. */
import type { JsonOptions } from "../../formats/json-options.ts";
import { JsonLayoutGuess, type JsonLayout } from "./json-layout.ts";
import { JsonValueSplitter } from "./json-value-splitter.ts";

export type JsonLayoutOptions = Pick<JsonOptions, "multiLine" | "jsonPath">;

export interface JsonLinesOptions {
  readonly layout: JsonLayoutOptions;
  /** A first value that goes on beyond this is not held any longer: what has been seen of it decides. */
  readonly maxRecordBytes: number;
  /** The name for messages. */
  readonly file: string;
  /** Takes lines in order, in pieces of any size; `layout` says whether they are the bytes that were fed. */
  readonly write: (bytes: Buffer, layout: JsonLayout) => void;
}

const NOTHING = Buffer.alloc(0);
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/** Goes through one file. `feed` its plain bytes in order, then `finish` once. */
export class JsonLines {
  /** Undefined until the file has shown it. */
  layout: JsonLayout | undefined;
  readonly #options: JsonLinesOptions;
  /** Undefined where the options say the layout. */
  readonly #guess: JsonLayoutGuess | undefined;
  #splitter: JsonValueSplitter | undefined;
  /** What came before the layout was known; it goes on as it came. */
  #held = NOTHING;
  #heldBytes = 0;
  /** How much of it has been looked at. */
  #looked = 0;

  constructor(options: JsonLinesOptions) {
    this.#options = options;
    const { multiLine, jsonPath } = options.layout;
    if (jsonPath !== undefined || multiLine === true) return;
    if (multiLine === "auto") this.#guess = new JsonLayoutGuess();
    else this.layout = "lines";
  }

  /** The next bytes, which may be changed in place. @throws LandfallError FILE_DAMAGED as `JsonValueSplitter` */
  feed(bytes: Buffer): void {
    if (this.layout !== undefined) return this.#pass(bytes);
    // Looked at where they lie, and copied only where they do not tell: nearly every file tells with its first chunk.
    const isFirst = this.#heldBytes === 0;
    const all = isFirst ? bytes : this.#hold(bytes);
    // A byte order mark may be cut.
    const layout = all.length < BOM.length ? undefined : this.#lookAt(all);
    if (layout !== undefined) this.#begin(layout, all);
    else if (all.length > this.#options.maxRecordBytes) this.#begin(this.#guess!.atEnd(), all);
    else if (isFirst) this.#hold(bytes);
  }

  /** The end of the file. @throws LandfallError FILE_DAMAGED: it ends inside a value */
  finish(): void {
    if (this.layout === undefined) {
      const all = this.#held.subarray(0, this.#heldBytes);
      this.#begin(this.#lookAt(all) ?? this.#guess!.atEnd(), all);
    }
    this.#splitter?.finish();
  }

  #lookAt(all: Buffer): JsonLayout | undefined {
    if (this.#guess === undefined) return "values";
    const from = Math.max(this.#looked, markLength(all));
    this.#looked = all.length;
    return this.#guess.look(all.subarray(from));
  }

  /** Everything held, with these bytes at its end. */
  #hold(bytes: Buffer): Buffer {
    const total = this.#heldBytes + bytes.length;
    if (total > this.#held.length) {
      const grown = Buffer.allocUnsafe(Math.max(total, this.#held.length * 2));
      this.#held.copy(grown, 0, 0, this.#heldBytes);
      this.#held = grown;
    }
    bytes.copy(this.#held, this.#heldBytes);
    this.#heldBytes = total;
    return this.#held.subarray(0, total);
  }

  #begin(layout: JsonLayout, all: Buffer): void {
    this.layout = layout;
    this.#held = NOTHING;
    if (layout === "lines") return this.#pass(all);
    const { layout: options, file, write } = this.#options;
    const offset = markLength(all);
    this.#splitter = new JsonValueSplitter({
      path: options.jsonPath ?? [],
      write: (bytes) => write(bytes, "values"),
      file,
      offset,
    });
    this.#pass(all.subarray(offset));
  }

  #pass(bytes: Buffer): void {
    if (this.#splitter === undefined) this.#options.write(bytes, "lines");
    else this.#splitter.feed(bytes);
  }
}

function markLength(bytes: Buffer): number {
  return bytes.length >= BOM.length && BOM.compare(bytes, 0, BOM.length) === 0 ? BOM.length : 0;
}
