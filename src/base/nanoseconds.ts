/** Milliseconds since the epoch of an instant in nanoseconds, as a listing gives it (`modifiedNs`); what is finer is cut off. */
export function millisecondsOf(nanoseconds: string): number {
  return Number(BigInt(nanoseconds) / 1_000_000n);
}
