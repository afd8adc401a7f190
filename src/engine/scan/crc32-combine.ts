/** The reversed polynomial of CRC-32 as gzip, zip and Node have it (RFC 1952, 8). */
const POLYNOMIAL = 0xedb88320;
/** In these reversed polynomials the highest bit is x^0. */
const ONE = 0x80000000;
const X = 0x40000000;

/**
 * The CRC-32 of two stretches behind each other, from that of each and the second's length in bytes: the first one's remainder is moved on
 * by as many zero bits (a product with x^(8·length)) and the second one's added.
 */
export function crc32Combine(first: number, second: number, secondBytes: number): number {
  let moved = first;
  // x^8, then its square for each bit of the length.
  let power = square(square(square(X)));
  for (let rest = secondBytes; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) moved = product(moved, power);
    power = square(power);
  }
  return (moved ^ second) >>> 0;
}

function square(a: number): number {
  return product(a, a);
}

/** Modulo the polynomial, over bits. */
function product(a: number, b: number): number {
  let sum = 0;
  let term = b;
  for (let bit = ONE; bit !== 0; bit >>>= 1) {
    if ((a & bit) !== 0) sum ^= term;
    term = (term & 1) === 0 ? term >>> 1 : (term >>> 1) ^ POLYNOMIAL;
  }
  return sum >>> 0;
}
