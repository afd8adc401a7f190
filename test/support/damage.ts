/** Bytes as a bad disk, a torn write or a bad copy leaves them. */
import type { SeededRandom } from "../../src/operate/prove/seeded-random.ts";

export interface Damaged {
  readonly bytes: Buffer;
  /** What was done, and where. */
  readonly what: string;
}

const MOST_MOVED = 64;

/**
 * One or two damages; the bytes are other ones than before.
 *
 * @param range where it may begin, by default anywhere
 */
export function damaged(
  sound: Buffer,
  random: SeededRandom,
  range: readonly [from: number, to: number] = [0, sound.length],
): Damaged {
  let bytes = sound;
  const what: string[] = [];
  do {
    const [from, to] = [Math.min(range[0], bytes.length), Math.min(range[1], bytes.length)];
    const at = from + random.below(Math.max(1, to - from));
    const next = once(bytes, at, random);
    bytes = next.bytes;
    what.push(next.what);
  } while (bytes.equals(sound) || random.chance(0.2));
  return { bytes, what: what.join(", then ") };
}

function once(bytes: Buffer, at: number, random: SeededRandom): Damaged {
  const length = 1 + random.below(Math.min(MOST_MOVED, Math.max(1, bytes.length - at)));
  const end = Math.min(bytes.length, at + length);
  const [before, block, after] = [bytes.subarray(0, at), bytes.subarray(at, end), bytes.subarray(end)];
  switch (random.below(8)) {
    case 0:
      return { bytes: before, what: `cut off at ${at}` };
    case 1:
      return { bytes: Buffer.concat([before, after]), what: `${length} bytes lost at ${at}` };
    case 2:
      return { bytes: Buffer.concat([before, block, block, after]), what: `${length} bytes twice at ${at}` };
    case 3:
      return {
        bytes: Buffer.concat([before, Buffer.alloc(length), after]),
        what: `${length} zeros at ${at}`,
      };
    case 4: {
      const other = after.subarray(0, length);
      const rest = after.subarray(length);
      return {
        bytes: Buffer.concat([before, other, block, rest]),
        what: `blocks of ${length} swapped at ${at}`,
      };
    }
    default: {
      const flipped = Buffer.from(bytes);
      const bit = random.below(8);
      if (at < flipped.length) flipped[at] = flipped[at]! ^ (1 << bit);
      return { bytes: flipped, what: `bit ${bit} of byte ${at} flipped` };
    }
  }
}
