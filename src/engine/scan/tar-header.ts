/** The 512-byte headers of tar (POSIX.1-2017, pax "ustar Interchange Format"; GNU's and the old ones beside it). */

export const BLOCK_BYTES = 512;

export interface TarHeader {
  readonly name: Buffer;
  readonly size: number;
  /** One character; NUL in old archives means a file. */
  readonly type: string;
}

const CHECKSUM_AT = 148;
const CHECKSUM_END = 156;

/** True for bytes that begin with a whole header. */
export function looksLikeTar(head: Buffer): boolean {
  return head.length >= BLOCK_BYTES && parseTarHeader(head.subarray(0, BLOCK_BYTES)) !== undefined;
}

/** Undefined where the checksum or a number is wrong. */
export function parseTarHeader(block: Buffer): TarHeader | undefined {
  const checksum = numberAt(block, CHECKSUM_AT, CHECKSUM_END);
  if (checksum === undefined || checksum !== sumOf(block)) return undefined;
  const size = numberAt(block, 124, 136);
  if (size === undefined) return undefined;
  const name = textAt(block, 0, 100);
  // GNU's magic has blanks after it, and other things than a prefix there.
  const prefix = block.toString("latin1", 257, 263) === "ustar\0" ? textAt(block, 345, 500) : EMPTY;
  return {
    name: prefix.length === 0 ? name : Buffer.concat([prefix, Buffer.from("/"), name]),
    size,
    type: String.fromCodePoint(block[156]!),
  };
}

const EMPTY = Buffer.alloc(0);

function textAt(block: Buffer, from: number, to: number): Buffer {
  const end = block.indexOf(0, from);
  return block.subarray(from, end === -1 || end > to ? to : end);
}

/** Octal digits, or GNU's big-endian bytes behind a first one of 0x80. */
function numberAt(block: Buffer, from: number, to: number): number | undefined {
  if (block[from] === 0x80) {
    let value = 0;
    for (let at = from + 1; at < to; at++) value = value * 256 + block[at]!;
    return Number.isSafeInteger(value) ? value : undefined;
  }
  const digits = /^ *([0-7]+)[ \0]*$/.exec(block.toString("latin1", from, to));
  return digits === null ? undefined : Number.parseInt(digits[1]!, 8);
}

/** The sum of all bytes, the checksum's own taken as blanks. */
function sumOf(block: Buffer): number {
  let sum = (CHECKSUM_END - CHECKSUM_AT) * 32;
  for (let at = 0; at < BLOCK_BYTES; at++) if (at < CHECKSUM_AT || at >= CHECKSUM_END) sum += block[at]!;
  return sum;
}
