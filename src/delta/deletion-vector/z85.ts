/** Z85, text for bytes (ZeroMQ RFC 32): five characters for four bytes, big end first. */

const ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

const DIGITS = new Map(ALPHABET.split("").map((char, i) => [char, i]));

/**
 * The bytes of a text, cut to `length`; undefined for what is no Z85 or has fewer bytes. Java pads the bytes with zeros to whole blocks of
 * four. The crate of Rust puts `#` before the last block's characters, once for each byte that it lacks, so that the block's value would
 * not fit into four bytes (reference: protocol, §1.11).
 */
export function decodeZ85(text: string, length: number): Uint8Array | undefined {
  if (text.length % 5 !== 0 || length > (text.length / 5) * 4) return undefined;
  const bytes = new Uint8Array((text.length / 5) * 4);
  const view = new DataView(bytes.buffer);
  for (let block = 0; block * 5 < text.length; block++) {
    const chars = text.slice(block * 5, block * 5 + 5);
    const value = valueOf(chars);
    if (value === undefined) return undefined;
    if (value < 2 ** 32) view.setUint32(block * 4, value);
    else {
      const lacking = /^#*/.exec(chars)![0].length;
      if ((block + 1) * 5 !== text.length || !decodeShort(chars.slice(lacking), bytes.subarray(block * 4)))
        return undefined;
    }
  }
  return bytes.subarray(0, length);
}

/** The bytes of a last block of fewer than five characters: as many as there are, less one. False where they do not hold it. */
function decodeShort(chars: string, into: Uint8Array): boolean {
  const value = valueOf(chars);
  const count = chars.length - 1;
  if (value === undefined || count < 1 || value >= 2 ** (8 * count)) return false;
  for (let i = 0; i < count; i++) into[i] = Math.floor(value / 2 ** (8 * (count - 1 - i))) % 256;
  return true;
}

/** As Java writes it: zeros fill the last block. */
export function encodeZ85(bytes: Uint8Array): string {
  const whole = Buffer.alloc(Math.ceil(bytes.length / 4) * 4);
  whole.set(bytes);
  let text = "";
  for (let at = 0; at < whole.length; at += 4) text += charsOf(whole.readUInt32BE(at), 5);
  return text;
}

/** A number in so many characters. */
export function charsOf(value: number, count: number): string {
  let text = "";
  for (let i = 0, rest = value; i < count; i++, rest = Math.floor(rest / 85))
    text = ALPHABET[rest % 85]! + text;
  return text;
}

function valueOf(chars: string): number | undefined {
  let value = 0;
  for (const char of chars) {
    const digit = DIGITS.get(char);
    if (digit === undefined) return undefined;
    value = value * 85 + digit;
  }
  return value;
}
