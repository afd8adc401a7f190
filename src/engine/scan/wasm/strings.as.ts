/** Strings: where they end, and what may stand in them (scan-string.ts). */
import { QUOTE, BACKSLASH } from "./layout.as";

/** The first quote, backslash or control character. */
@inline
export function stringStop(from: usize): usize {
  let p = from;
  while (true) {
    const bytes = v128.load(p);
    const stops = i8x16.bitmask(
      v128.or(
        v128.or(i8x16.eq(bytes, i8x16.splat(<i8>QUOTE)), i8x16.eq(bytes, i8x16.splat(<i8>BACKSLASH))),
        i8x16.lt_u(bytes, i8x16.splat(32)),
      ),
    );
    if (stops != 0) return p + ctz(stops);
    p += 16;
  }
}

/** From a stop inside a string to its closing quote; 0 if there is a fault on the way. */
export function afterEscapes(stop: usize): usize {
  let p = stop;
  while (true) {
    const byte = <u32>load<u8>(p);
    if (byte == QUOTE) return p;
    if (byte != BACKSLASH) return 0;
    const next = <u32>load<u8>(p, 1);
    if (next == 117) {
      const unit = hexUnit(p + 2);
      if (unit < 0) return 0;
      p += 6;
      if ((unit & 0xf800) == 0xd800) {
        if (unit > 0xdbff || load<u16>(p) != 0x755c) return 0;
        const low = hexUnit(p + 2);
        if (low < 0 || (low & 0xfc00) != 0xdc00) return 0;
        p += 6;
      }
    } else if (next == QUOTE || next == BACKSLASH || next == 47 || isControlLetter(next)) p += 2;
    else return 0;
    p = stringStop(p);
  }
}

/** One of b, f, n, r, t. */
@inline
function isControlLetter(byte: u32): bool {
  return byte == 98 || byte == 102 || byte == 110 || byte == 114 || byte == 116;
}

/** Four hexadecimal digits, or -1. */
function hexUnit(from: usize): i32 {
  let unit: i32 = 0;
  for (let p = from; p < from + 4; p++) {
    const byte = <u32>load<u8>(p);
    const lower = byte | 32;
    if (byte - 48 < 10) unit = unit * 16 + <i32>(byte - 48);
    else if (lower - 97 < 6) unit = unit * 16 + <i32>(lower - 87);
    else return -1;
  }
  return unit;
}
