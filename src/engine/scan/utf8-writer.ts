/**
 * Text of any encoding as UTF-8, chunk by chunk, in bounded memory. A byte order mark of UTF-8 or UTF-16 stands over the stated
 * encoding, as in the WHATWG's "decode"; that of UTF-16 is left out, and UTF-8 goes through as it is, valid or not.
 */
import { LandfallError } from "../../base/landfall-error.ts";
import type { TextEncoding } from "../../formats/text-encoding.ts";

export interface Utf8WriterOptions {
  readonly encoding: TextEncoding;
  /** The name for messages. */
  readonly file: string;
  /** Takes UTF-8 in order; it may be overwritten after it returns. */
  readonly write: (bytes: Buffer) => void;
}

const MARKS: readonly (readonly [encoding: TextEncoding, mark: Buffer])[] = [
  ["utf-8", Buffer.from([0xef, 0xbb, 0xbf])],
  ["utf-16le", Buffer.from([0xff, 0xfe])],
  ["utf-16be", Buffer.from([0xfe, 0xff])],
];
const LONGEST_MARK = 3;
/** A fault is told to be within this many bytes: the decoder does not say where it is. */
const PIECE_BYTES = 4096;

type Step = { readonly decode: (bytes: Buffer, isMore: boolean) => string } | "asItIs";

/** Writes one file. `feed` its bytes in order, then `finish` once. */
export class Utf8Writer {
  readonly #options: Utf8WriterOptions;
  /** Undefined while too few bytes have come to tell whether a mark stands there. */
  #step: Step | undefined;
  #encoding: TextEncoding;
  #head = Buffer.alloc(0);
  #offset = 0;

  constructor(options: Utf8WriterOptions) {
    this.#options = options;
    this.#encoding = options.encoding;
  }

  /** What is written is not the bytes as they came. */
  get transcodes(): boolean {
    return this.#step !== undefined && this.#step !== "asItIs";
  }

  /** @throws LandfallError FILE_DAMAGED for bytes that are not in the encoding, or UTF-16 that does not say which */
  feed(bytes: Buffer): void {
    if (this.#step !== undefined) return this.#convert(bytes, this.#step);
    const head = this.#head.length === 0 ? bytes : Buffer.concat([this.#head, bytes]);
    if (head.length < LONGEST_MARK) this.#head = Buffer.from(head);
    else this.#begin(head);
  }

  /** @throws as `feed` */
  finish(): void {
    if (this.#step === undefined) this.#begin(this.#head);
    if (this.#step === undefined || this.#step === "asItIs") return;
    this.#write(this.#decoded(this.#step, Buffer.alloc(0), false));
  }

  #begin(head: Buffer): void {
    const found = MARKS.find(([, mark]) => mark.equals(head.subarray(0, mark.length)));
    this.#encoding = found?.[0] ?? this.#encoding;
    if (this.#encoding === "utf-16" && head.length > 0) throw this.#withoutMark();
    this.#step = stepOf(this.#encoding);
    const isSkipped = found !== undefined && this.#step !== "asItIs";
    this.#offset = isSkipped ? found[1].length : 0;
    this.#convert(isSkipped ? head.subarray(found[1].length) : head, this.#step);
  }

  #convert(bytes: Buffer, step: Step): void {
    if (step === "asItIs") {
      if (bytes.length > 0) this.#options.write(bytes);
      return;
    }
    const texts: string[] = [];
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      const piece = bytes.subarray(at, at + PIECE_BYTES);
      texts.push(this.#decoded(step, piece, true));
      this.#offset += piece.length;
    }
    this.#write(texts.join(""));
  }

  #write(text: string): void {
    if (text !== "") this.#options.write(Buffer.from(text));
  }

  #decoded(step: Exclude<Step, "asItIs">, piece: Buffer, isMore: boolean): string {
    try {
      return step.decode(piece, isMore);
    } catch (cause) {
      const place = isMore
        ? `between its bytes ${this.#offset} and ${this.#offset + piece.length}`
        : "at its end, which is cut";
      throw new LandfallError("FILE_DAMAGED", {
        message: `the file is not ${this.#encoding} text: ${place}`,
        hint: "Nothing of the file was ingested. If it is in another encoding, say so, as csv.encoding.",
        file: this.#options.file,
        cause,
      });
    }
  }

  #withoutMark(): LandfallError {
    return new LandfallError("FILE_DAMAGED", {
      message:
        "the file has no byte order mark, without which UTF-16 does not say in which order its bytes stand",
      hint: "Nothing of the file was ingested. Say UTF-16LE (Windows) or UTF-16BE, as csv.encoding.",
      file: this.#options.file,
    });
  }
}

function stepOf(encoding: TextEncoding): Step {
  if (encoding === "utf-8" || encoding === "utf-16") return "asItIs";
  // The WHATWG takes Latin-1 for windows-1252, which has other characters between 0x80 and 0x9f.
  if (encoding === "iso-8859-1") return { decode: (bytes) => bytes.toString("latin1") };
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  return { decode: (bytes, isMore) => decoder.decode(bytes, { stream: isMore }) };
}
