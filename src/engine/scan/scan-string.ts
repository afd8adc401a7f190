/**
 * The slow path of strings: escapes, and what may not stand in a string (RFC 8259 §7). Lone surrogates are refused, although
 * the grammar allows them: no UTF-8 holds them, and the engine throws on them.
 */
import type { MalformedReason } from "./record-list.ts";

/** 1 for the bytes that end the fast run through a string: quote, backslash, control characters. */
export const STRING_STOP: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 32 || byte === 34 || byte === 92 ? 1 : 0,
);

const SIMPLE_ESCAPES = new Set(Buffer.from('"\\/bfnrt'));

/**
 * From a stop inside a string to the position of its closing quote, or the reason why it has none. The line must end with
 * a newline inside the buffer.
 */
export function closingQuote(buf: Uint8Array, stop: number): number | MalformedReason {
  let at = stop;
  for (;;) {
    while (STRING_STOP[buf[at]!] === 0) at += 1;
    const byte = buf[at]!;
    if (byte === 34) return at;
    if (byte === 10) return "truncated";
    if (byte !== 92) return "controlCharacter";
    const next = buf[at + 1]!;
    if (SIMPLE_ESCAPES.has(next)) {
      at += 2;
      continue;
    }
    if (next !== 117) return "invalidEscape";
    const unit = hexUnit(buf, at + 2);
    if (unit === -1) return "invalidEscape";
    at += 6;
    if (unit < 0xd800 || unit > 0xdfff) continue;
    if (unit > 0xdbff || buf[at] !== 92 || buf[at + 1] !== 117) return "loneSurrogate";
    const low = hexUnit(buf, at + 2);
    if (low === -1) return "invalidEscape";
    if (low < 0xdc00 || low > 0xdfff) return "loneSurrogate";
    at += 6;
  }
}

/** Four hexadecimal digits, or -1. Stops at the first other byte, so that it never runs past the line. */
function hexUnit(buf: Uint8Array, from: number): number {
  let unit = 0;
  for (let at = from; at < from + 4; at++) {
    const byte = buf[at]!;
    const lower = byte | 32;
    if (byte >= 48 && byte <= 57) unit = unit * 16 + byte - 48;
    else if (lower >= 97 && lower <= 102) unit = unit * 16 + lower - 87;
    else return -1;
  }
  return unit;
}

/** The text of a valid string literal, given with its quotes as `buf[from, to)`. */
export function decodeString(buf: Buffer, from: number, to: number): string {
  const text = buf.toString("utf8", from, to);
  return text.includes("\\") ? (JSON.parse(text) as string) : text.slice(1, -1);
}
