/** In which file a deletion vector lies (PROTOCOL.md, "Deletion Vector Descriptor Schema"). */
import type { DeletionVectorDescriptor } from "../actions.ts";
import { encodeAddPath } from "../add-path.ts";
import { vectorFileName } from "./vector-file-name.ts";
import { decodeZ85 } from "./z85.ts";

/** A UUID of 16 bytes as Z85. */
const UUID_CHARS = 20;

/** As an add names a file: a URI, relative to the table's root or absolute. Undefined for a vector in the log, and for text that names no file. */
export function pathOfVector({ storageType, pathOrInlineDv }: DeletionVectorDescriptor): string | undefined {
  if (storageType === "u") return relativePath(pathOrInlineDv);
  return storageType === "p" ? pathOrInlineDv : undefined;
}

/** `<prefix><UUID as Z85>` is `<prefix>/deletion_vector_<uuid>.bin` below the table's root. */
function relativePath(text: string): string | undefined {
  const uuid = decodeZ85(text.slice(-UUID_CHARS), 16);
  if (uuid === undefined || text.length < UUID_CHARS) return undefined;
  const hex = Buffer.from(uuid).toString("hex");
  const name = vectorFileName(hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-"));
  const prefix = text.slice(0, -UUID_CHARS);
  return encodeAddPath(`${prefix === "" ? "" : `${prefix}/`}${name}`);
}
