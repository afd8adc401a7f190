/** What deletion vectors are made of (PROTOCOL.md, "Deletion Vector Format"; RoaringFormatSpec). */

/** The magic number of the form that is written. */
export const PORTABLE = 1_681_511_377;
/** The older form, which Spark and the Java kernel read, too. */
export const NATIVE = 1_681_511_376;
/** A bitmap begins with one of these: some of its containers are runs, or none is. */
export const WITH_RUNS = 12_347;
export const WITHOUT_RUNS = 12_346;
/** Of a container without runs: with more values it is a bitmap. */
export const MOST_IN_ARRAY = 4096;
/** Bits of the 65,536 rows of a container. */
export const BITMAP_BYTES = 8192;

/** A byte with its bits the other way round. */
export const REVERSED = Uint8Array.from({ length: 256 }, (_, byte) => {
  let reversed = 0;
  for (let bit = 0; bit < 8; bit++) if ((byte & (1 << bit)) !== 0) reversed |= 128 >> bit;
  return reversed;
});

const ONES = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll("0", "").length);

/** How many are set. */
export function countOfBits(bits: Uint8Array): number {
  let count = 0;
  const whole = bits.length - (bits.length % 4);
  const words = new DataView(bits.buffer, bits.byteOffset, whole);
  for (let at = 0; at < whole; at += 4) {
    const word = words.getUint32(at);
    if (word !== 0)
      count +=
        ONES[word >>> 24]! + ONES[(word >>> 16) & 255]! + ONES[(word >>> 8) & 255]! + ONES[word & 255]!;
  }
  for (let at = whole; at < bits.length; at++) count += ONES[bits[at]!]!;
  return count;
}
