/**
 * The index of the first item for which the question is answered with false, in a list whose items answer true up to some place and false
 * from there on; its length where all answer true. Asks of about log2 of them.
 */
export async function partitionPoint<T>(
  items: readonly T[],
  holds: (item: T) => Promise<boolean>,
): Promise<number> {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (await holds(items[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}
