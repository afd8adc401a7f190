/** Values by small numbers: two that are equal by their text get the same number. */
export interface Shelf<T> {
  put(text: string, value: T): number;
  at(id: number): T;
  readonly size: number;
}

export function shelf<T>(): Shelf<T> {
  const ids = new Map<string, number>();
  const values: T[] = [];
  return {
    put(text, value) {
      const known = ids.get(text);
      if (known !== undefined) return known;
      ids.set(text, values.length);
      return values.push(value) - 1;
    },
    at: (id) => values[id]!,
    get size() {
      return values.length;
    },
  };
}
