import type { StagedFile } from "./engine.ts";

/** What becomes of a file that brings no row; its bytes are told all the same, since the manifest names them. */
export function quarantined(file: Pick<StagedFile, "key" | "bytes" | "crc32">, reason: string): StagedFile {
  const { key, bytes, crc32 } = file;
  return { key, outcome: "quarantined", reason, bytes, crc32, read: 0, written: 0, rescued: 0, rejected: 0 };
}
