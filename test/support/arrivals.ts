/** Files that arrive: written whole and old enough to be taken at once. */
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

let step = 0;

/** Writes a file with a modification time of its own, some minutes ago; a later call gives a later time. */
export function arrive(path: string, content: string | Buffer): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  step += 1;
  const seconds = Date.now() / 1000 - 3600 + step;
  utimesSync(path, seconds, seconds);
}

/** Records as NDJSON. */
export function lines(...records: readonly object[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join("");
}
