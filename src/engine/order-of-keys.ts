/** Files in ascending order of their keys: what is decided must not depend on the order in which they are listed. */
export function inOrderOfKeys<File extends { readonly key: string }>(files: readonly File[]): File[] {
  return files.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}
