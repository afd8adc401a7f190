/** The first byte of a file of vectors (PROTOCOL.md, "Deletion Vector Files"). */
export const FORMAT_VERSION = 1;

/** Of a file of vectors: `deletion_vector_<uuid>.bin` (PROTOCOL.md, "Derived Fields", `absolutePath`). */
export function vectorFileName(uuid: string): string {
  return `deletion_vector_${uuid}.bin`;
}
