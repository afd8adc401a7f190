/** Reads dates and timestamps of a stated pattern and rewrites them in ISO 8601, so that one rule says what is a real day. */
import { VALUE_CLASS } from "../../schema/value-class.ts";
import {
  temporalAlternatives,
  type TemporalField,
  type TemporalToken,
} from "../../formats/temporal-pattern.ts";
import { temporalClass } from "./temporal-class.ts";

const ZERO = 48;
const NINE = 57;
const LONGEST_FRACTION = 9;

/** A token whose literal text is bytes. */
type Token =
  | Exclude<TemporalToken, { readonly kind: "literal" }>
  | { readonly kind: "bytes"; readonly bytes: Buffer };

export class TemporalReader {
  /** The text that was read last, in ISO 8601, is `iso[0, isoLength)`. */
  readonly iso = Buffer.alloc(40);
  isoLength = 0;
  readonly #kind: "date" | "timestamp";
  readonly #alternatives: readonly (readonly Token[])[];
  readonly #parts: Record<TemporalField, number> = {
    year: 0,
    month: 0,
    day: 0,
    hour: 0,
    minute: 0,
    second: 0,
  };
  #fraction = { from: 0, to: 0 };
  /** Minutes east of UTC; undefined without a zone. */
  #zone: number | undefined;

  constructor(options: { readonly kind: "date" | "timestamp"; readonly pattern: string }) {
    this.#kind = options.kind;
    this.#alternatives = temporalAlternatives(options.pattern).map((tokens) =>
      tokens.map((token) =>
        token.kind === "literal" ? { kind: "bytes", bytes: Buffer.from(token.text) } : token,
      ),
    );
  }

  /** The class of `buf[from, to)`, whose ISO text is then at hand; STR if it does not match wholly or is no real day or time. */
  read(buf: Buffer, from: number, to: number): number {
    for (const tokens of this.#alternatives) {
      if (!this.#matches(tokens, buf, from, to)) continue;
      this.#write(buf);
      return temporalClass(this.iso, 0, this.isoLength);
    }
    return VALUE_CLASS.STR;
  }

  #matches(tokens: readonly Token[], buf: Buffer, from: number, to: number): boolean {
    this.#parts.hour = this.#parts.minute = this.#parts.second = 0;
    this.#fraction = { from: 0, to: 0 };
    this.#zone = undefined;
    let at = from;
    for (const token of tokens) {
      at = this.#take(token, buf, at, to);
      if (at === -1) return false;
    }
    return at === to;
  }

  /** Where the token ends, or -1 if it does not stand here. */
  #take(token: Token, buf: Buffer, at: number, to: number): number {
    switch (token.kind) {
      case "bytes": {
        const { bytes } = token;
        const end = at + bytes.length;
        return end <= to && bytes.compare(buf, at, end) === 0 ? end : -1;
      }
      case "number": {
        const end = endOfDigits(buf, at, Math.min(to, at + token.max));
        if (end - at < token.min) return -1;
        const value = numberOf(buf, at, end);
        this.#parts[token.field] = token.field === "year" && token.max === 2 ? 2000 + value : value;
        return end;
      }
      case "fraction": {
        const end = endOfDigits(buf, at, Math.min(to, at + token.digits));
        this.#fraction = { from: at, to: end };
        return end - at === token.digits ? end : -1;
      }
      case "zone":
        return this.#takeZone(token.letters, buf, at, to);
    }
  }

  #takeZone(letters: number, buf: Buffer, at: number, to: number): number {
    if (buf[at] === 90 && at < to) {
      this.#zone = 0;
      return at + 1;
    }
    const match = OFFSETS[letters]!.exec(buf.toString("latin1", at, Math.min(to, at + 6)));
    if (match === null) return -1;
    const [whole, sign, hours, minutes] = match;
    const offset = Number(hours) * 60 + Number(minutes ?? 0);
    if (Number(minutes ?? 0) > 59) return -1;
    this.#zone = sign === "-" ? -offset : offset;
    return at + whole.length;
  }

  #write(buf: Buffer): void {
    const { year, month, day, hour, minute, second } = this.#parts;
    this.isoLength = 0;
    this.#digits(year, 4);
    this.#text("-");
    this.#digits(month, 2);
    this.#text("-");
    this.#digits(day, 2);
    if (this.#kind === "date") return;
    this.#text("T");
    this.#digits(hour, 2);
    this.#text(":");
    this.#digits(minute, 2);
    this.#text(":");
    this.#digits(second, 2);
    const { from, to } = this.#fraction;
    if (to > from) {
      this.#text(".");
      this.isoLength += buf.copy(this.iso, this.isoLength, from, Math.min(to, from + LONGEST_FRACTION));
    }
    if (this.#zone === undefined) return;
    if (this.#zone === 0) return this.#text("Z");
    const offset = Math.abs(this.#zone);
    this.#text(this.#zone < 0 ? "-" : "+");
    this.#digits(Math.floor(offset / 60), 2);
    this.#text(":");
    this.#digits(offset % 60, 2);
  }

  #text(text: string): void {
    this.isoLength += this.iso.write(text, this.isoLength, "latin1");
  }

  #digits(value: number, count: number): void {
    let rest = value;
    for (let i = count - 1; i >= 0; i--) {
      this.iso[this.isoLength + i] = ZERO + (rest % 10);
      rest = Math.floor(rest / 10);
    }
    this.isoLength += count;
  }
}

/** By how many letters X stand in the pattern. */
const OFFSETS: Readonly<Record<number, RegExp>> = {
  1: /^([+-])(\d\d)(\d\d)?/,
  2: /^([+-])(\d\d)(\d\d)/,
  3: /^([+-])(\d\d):(\d\d)/,
};

function endOfDigits(buf: Buffer, from: number, to: number): number {
  let p = from;
  while (p < to && buf[p]! >= ZERO && buf[p]! <= NINE) p += 1;
  return p;
}

function numberOf(buf: Buffer, from: number, to: number): number {
  let value = 0;
  for (let p = from; p < to; p++) value = value * 10 + buf[p]! - ZERO;
  return value;
}
