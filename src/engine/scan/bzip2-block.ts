/** One block of bzip2: Huffman codes, move to front, run lengths, and the transform of Burrows and Wheeler, backwards. */
import type { BitReader } from "./bit-reader.ts";
import type { Damaged } from "./expansion.ts";

const MAX_CODE_BITS = 20;
/** Symbols that one choice of a code table holds for. */
const GROUP_SYMBOLS = 50;
const MAX_TABLES = 6;
const RUN_A = 0;
const RUN_B = 1;
const OUTPUT_BYTES = 1024 * 1024;

/** A canonical Huffman code: the least and the largest code of each length, and the symbols in the order of their codes. */
interface CodeTable {
  readonly minBits: number;
  readonly maxBits: number;
  /** By length: the largest code, -1 where there is none. */
  readonly limit: Int32Array;
  /** By length: what to take from a code to have the place of its symbol. */
  readonly base: Int32Array;
  readonly symbols: Uint16Array;
}

interface Block {
  readonly bits: BitReader;
  /** The most that a block of this stream holds. */
  readonly blockBytes: number;
  readonly write: (bytes: Buffer) => void;
  readonly damaged: Damaged;
}

/** Reads and writes a block whose magic has been read; gives its CRC. @throws LandfallError FILE_DAMAGED */
export function readBzip2Block(block: Block): number {
  const { bits, blockBytes, damaged } = block;
  const crc = bits.read32();
  if (bits.read(1) === 1) throw damaged("a randomised block of before 1997");
  const origin = bits.read(24);
  const bytesUsed = readBytesUsed(bits);
  const selectors = readSelectors(bits, damaged);
  const tables = Array.from({ length: selectors.tables }, () =>
    readCodeTable(bits, bytesUsed.length + 2, damaged),
  );
  const transformed = readSymbols(block, { bytesUsed, tables, selectors: selectors.chosen });
  if (origin >= transformed.length || transformed.length > blockBytes)
    throw damaged("a block begins outside itself");
  if (writeBlock(block, transformed, origin) !== crc) throw damaged("a block's checksum is wrong");
  return crc;
}

/** Which of the 256 bytes stand in the block, ascending. */
function readBytesUsed(bits: BitReader): number[] {
  const used: number[] = [];
  const ranges = bits.read(16);
  for (let range = 0; range < 16; range++) {
    if ((ranges & (0x8000 >> range)) === 0) continue;
    const inRange = bits.read(16);
    for (let i = 0; i < 16; i++) if ((inRange & (0x8000 >> i)) !== 0) used.push(range * 16 + i);
  }
  return used;
}

/** For each group of symbols the table that decodes it. */
function readSelectors(
  bits: BitReader,
  damaged: Damaged,
): { readonly tables: number; readonly chosen: Uint8Array } {
  const tables = bits.read(3);
  const count = bits.read(15);
  if (tables < 2 || tables > MAX_TABLES || count === 0) throw damaged("a block with no code tables");
  const recent = Array.from({ length: tables }, (_, i) => i);
  const chosen = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    let place = 0;
    while (bits.read(1) === 1) {
      place += 1;
      if (place >= tables) throw damaged("a block that chooses a code table it lacks");
    }
    const [table] = recent.splice(place, 1);
    recent.unshift(table!);
    chosen[i] = table!;
  }
  return { tables, chosen };
}

function readCodeTable(bits: BitReader, symbolCount: number, damaged: Damaged): CodeTable {
  const lengths = new Uint8Array(symbolCount);
  let length = bits.read(5);
  for (let symbol = 0; symbol < symbolCount; symbol++) {
    for (;;) {
      if (length < 1 || length > MAX_CODE_BITS) throw damaged("a code of no possible length");
      if (bits.read(1) === 0) break;
      length += bits.read(1) === 0 ? 1 : -1;
    }
    lengths[symbol] = length;
  }
  return codeTableOf(lengths);
}

function codeTableOf(lengths: Uint8Array): CodeTable {
  const limit = new Int32Array(MAX_CODE_BITS + 2).fill(-1);
  const base = new Int32Array(MAX_CODE_BITS + 2);
  const symbols = new Uint16Array(lengths.length);
  let minBits = MAX_CODE_BITS;
  let maxBits = 1;
  let code = 0;
  let place = 0;
  for (let length = 1; length <= MAX_CODE_BITS; length++) {
    code <<= 1;
    base[length] = code - place;
    const first = place;
    for (const [symbol, itsLength] of lengths.entries()) if (itsLength === length) symbols[place++] = symbol;
    if (place === first) continue;
    code += place - first;
    limit[length] = code - 1;
    minBits = Math.min(minBits, length);
    maxBits = length;
  }
  return { minBits, maxBits, limit, base, symbols };
}

/** The block's bytes as the transform left them; in each word's low eight bits. */
function readSymbols(
  block: Block,
  codes: {
    readonly bytesUsed: readonly number[];
    readonly tables: readonly CodeTable[];
    readonly selectors: Uint8Array;
  },
): Uint32Array {
  const { bits, blockBytes, damaged } = block;
  const { tables, selectors } = codes;
  const recent = Uint8Array.from(codes.bytesUsed);
  const endOfBlock = recent.length + 1;
  const words = new Uint32Array(blockBytes);
  let used = 0;
  let run = 0;
  let runUnit = 1;
  for (let group = 0; group < selectors.length; group++) {
    const table = tables[selectors[group]!]!;
    for (let i = 0; i < GROUP_SYMBOLS; i++) {
      const symbol = readSymbol(bits, table, damaged);
      if (symbol === RUN_A || symbol === RUN_B) {
        run += runUnit << symbol;
        runUnit *= 2;
        if (run > blockBytes) throw damaged("a block longer than its stream allows");
        continue;
      }
      if (run > 0) {
        if (used + run > blockBytes || recent.length === 0)
          throw damaged("a block longer than its stream allows");
        words.fill(recent[0]!, used, used + run);
        used += run;
        run = 0;
        runUnit = 1;
      }
      if (symbol === endOfBlock) return words.subarray(0, used);
      if (used === blockBytes) throw damaged("a block longer than its stream allows");
      const byte = recent[symbol - 1]!;
      recent.copyWithin(1, 0, symbol - 1);
      recent[0] = byte;
      words[used++] = byte;
    }
  }
  throw damaged("a block without an end");
}

function readSymbol(bits: BitReader, table: CodeTable, damaged: Damaged): number {
  let length = table.minBits;
  let code = bits.read(length);
  while (code > table.limit[length]!) {
    length += 1;
    if (length > table.maxBits) throw damaged("a code that no table has");
    code = (code << 1) | bits.read(1);
  }
  const symbol = table.symbols[code - table.base[length]!];
  // Lengths that leave no code unused, and no code twice, are not demanded: what they lead to is.
  if (symbol === undefined) throw damaged("a code that no table has");
  return symbol;
}

/** Undoes the transform and the outer runs (four equal bytes, then how many more), and writes; gives the CRC of what was written. */
function writeBlock(block: Block, words: Uint32Array, origin: number): number {
  linkBytes(words);
  let output = Buffer.allocUnsafe(OUTPUT_BYTES);
  let used = 0;
  let crc = -1;
  let word = words[origin]!;
  let equal = 0;
  let last = -1;
  for (let i = 0; i < words.length; i++) {
    word = words[word >>> 8]!;
    const byte = word & 0xff;
    let count = 1;
    let written = byte;
    if (equal === 4) {
      count = byte;
      written = last;
      equal = 0;
      last = -1;
    } else if (byte === last) equal += 1;
    else {
      equal = 1;
      last = byte;
    }
    if (used + count > OUTPUT_BYTES) {
      block.write(output.subarray(0, used));
      output = Buffer.allocUnsafe(OUTPUT_BYTES);
      used = 0;
    }
    for (; count > 0; count--) {
      output[used++] = written;
      crc = (crc << 8) ^ CRC_TABLE[(crc >>> 24) ^ written]!;
    }
  }
  block.write(output.subarray(0, used));
  return ~crc >>> 0;
}

/** Puts above each byte the place of the one that follows it in the block. */
function linkBytes(words: Uint32Array): void {
  const places = new Uint32Array(256);
  for (const word of words) places[word]! += 1;
  let sum = 0;
  for (let byte = 0; byte < 256; byte++) {
    const count = places[byte]!;
    places[byte] = sum;
    sum += count;
  }
  for (let i = 0; i < words.length; i++) {
    const place = places[words[i]! & 0xff]!++;
    words[place]! |= i << 8;
  }
}

/** bzip2's CRC goes from the highest bit down, unlike gzip's. */
const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc;
});
