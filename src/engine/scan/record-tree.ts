/**
 * One valid record as a tree of places in its bytes. Unlike `JSON.parse` it keeps every duplicate key, every digit and the
 * order, and no key is special. Only for records that the scanner has found well-formed: it checks nothing.
 */
import { STRING_STOP, decodeString } from "./scan-string.ts";

export interface Member {
  /** Decoded. */
  readonly key: string;
  /** As written, with its quotes, one character per byte. */
  readonly keySource: string;
  readonly value: TreeNode;
}

/** `[from, to)` are bytes of the record. */
export type TreeNode =
  | { readonly kind: "scalar"; readonly from: number; readonly to: number }
  | {
      readonly kind: "object";
      readonly from: number;
      readonly to: number;
      readonly members: readonly Member[];
    }
  | {
      readonly kind: "array";
      readonly from: number;
      readonly to: number;
      readonly items: readonly TreeNode[];
    };

const COMMA = 44;
const COLON = 58;
const QUOTE = 34;

/** Reads a record. The depth of its recursion is the record's, which the scanner has limited. */
export function recordTree(record: Buffer): TreeNode {
  return new TreeReader(record).value();
}

class TreeReader {
  readonly #buf: Buffer;
  #at = 0;

  constructor(buf: Buffer) {
    this.#buf = buf;
  }

  value(): TreeNode {
    const byte = this.#peek();
    const from = this.#at;
    if (byte === 123) {
      const members = this.#list(125, () => this.#member());
      return { kind: "object", from, to: this.#at, members };
    }
    if (byte === 91) {
      const items = this.#list(93, () => this.value());
      return { kind: "array", from, to: this.#at, items };
    }
    if (byte === QUOTE) this.#string();
    else while (isScalarByte(this.#buf[this.#at])) this.#at += 1;
    return { kind: "scalar", from, to: this.#at };
  }

  #list<T>(close: number, read: () => T): T[] {
    const items: T[] = [];
    this.#at += 1;
    while (this.#peek() !== close) {
      items.push(read());
      if (this.#peek() === COMMA) this.#at += 1;
    }
    this.#at += 1;
    return items;
  }

  #member(): Member {
    const from = this.#at;
    this.#string();
    const to = this.#at;
    if (this.#peek() === COLON) this.#at += 1;
    return {
      key: decodeString(this.#buf, from, to),
      keySource: this.#buf.toString("latin1", from, to),
      value: this.value(),
    };
  }

  #string(): void {
    let at = this.#at + 1;
    for (;;) {
      while (STRING_STOP[this.#buf[at]!] === 0) at += 1;
      if (this.#buf[at] !== 92) break;
      at += 2;
    }
    this.#at = at + 1;
  }

  /** The next byte that is not blank. */
  #peek(): number | undefined {
    while (isBlankByte(this.#buf[this.#at])) this.#at += 1;
    return this.#buf[this.#at];
  }
}

function isBlankByte(byte: number | undefined): boolean {
  return byte === 32 || byte === 9 || byte === 13 || byte === 10;
}

function isScalarByte(byte: number | undefined): boolean {
  return byte !== undefined && !isBlankByte(byte) && byte !== COMMA && byte !== 93 && byte !== 125;
}
