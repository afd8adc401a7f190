/** Items in their order, in groups: each has `leastBytes` or more, but for the last, which has what is left. */
export function groupsOfBytes<T>(
  items: readonly T[],
  { leastBytes, bytesOf }: { readonly leastBytes: number; readonly bytesOf: (item: T) => number },
): T[][] {
  const groups: T[][] = [];
  let bytes = Infinity;
  for (const item of items) {
    if (bytes >= leastBytes) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1)!.push(item);
    bytes += bytesOf(item);
  }
  return groups;
}
