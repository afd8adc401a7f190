/** Writer features that concern how rows are written, and nothing of what they are: a write of rows looks after them. */
export const HONOURED_BY_NEW_ROWS: ReadonlySet<string> = new Set([
  "columnMapping",
  "clustering",
  "typeWidening",
  "typeWidening-preview",
]);
