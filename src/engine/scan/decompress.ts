/** Which compression a file's first bytes tell, whatever its name says, and who undoes it. */
import { bunzip2, looksLikeBzip2 } from "./bunzip2.ts";
import type { DecompressOptions } from "./expansion.ts";
import { gunzip, looksGzipped } from "./gunzip.ts";
import { unzstd } from "./unzstd.ts";
import { looksLikeZstd } from "./zstd-frame-walk.ts";

export type Compression = "none" | "gzip" | "zstd" | "bzip2";

/** Undoes a compression, in bounded memory. @throws LandfallError FILE_DAMAGED; running it again is always safe */
export type Decompress = (options: DecompressOptions) => Promise<void>;

const DECOMPRESS: Readonly<Record<Exclude<Compression, "none">, Decompress>> = {
  gzip: gunzip,
  zstd: unzstd,
  bzip2: bunzip2,
};

export function compressionOf(head: Buffer): Compression {
  if (looksGzipped(head)) return "gzip";
  if (looksLikeZstd(head)) return "zstd";
  return looksLikeBzip2(head) ? "bzip2" : "none";
}

/** Undefined where there is nothing to undo. */
export function decompressorOf(compression: Compression): Decompress | undefined {
  return compression === "none" ? undefined : DECOMPRESS[compression];
}
