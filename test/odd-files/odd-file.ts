/** Files as the world sends them, each with what must become of it. */
import { gzipSync, zstdCompressSync } from "node:zlib";
import { BZIP2_FILES } from "../../src/engine/scan/bzip2-files.ts";
import type { StageRequest } from "../../src/engine/engine.ts";

export interface OddFile {
  /** What is odd about it. */
  readonly name: string;
  readonly format: StageRequest["format"];
  readonly content: string | Buffer;
  /** The file's name, where it matters. Default: `odd`. */
  readonly file?: string;
  readonly options?: { readonly maxRecordBytes?: number; readonly formats?: StageRequest["formats"] };
  /** Its values are too long to be written out: of texts and of rows with many columns only the length is compared. */
  readonly showsLengths?: boolean;
}

export const gzipOf = (content: string | Buffer): Buffer => gzipSync(content);
export const zstdOf = (content: string): Buffer => zstdCompressSync(content);
/** 30,000 times `{"id":1}`. */
export const bzip2Of = (): Buffer => BZIP2_FILES.blocks.packed;
