/**
 * Zstandard (RFC 8878), frame by frame. Node's stream stops without an error where a frame ends inside its input and drops the
 * rest, so the ends of frames are found here, from the lengths of their blocks; contents and checksums are libzstd's to verify.
 */
import { createZstdDecompress, zstdDecompressSync } from "node:zlib";
import { ByteReader } from "./byte-reader.ts";
import { damageOf, guardedWrite, type Damaged, type DecompressOptions } from "./expansion.ts";
import { InflateStream } from "./inflate-stream.ts";
import { ZstdFrameWalk } from "./zstd-frame-walk.ts";

/** Frames smaller than this are decompressed without a stream each. */
const SMALL_FRAME = 256 * 1024;
const MAX_SMALL_OUTPUT = 8 * 1024 * 1024;

/**
 * Decompresses a whole zstd file in bounded memory, with all its frames; skippable ones are passed over. What was written before
 * an error is not to be trusted.
 *
 * @throws LandfallError FILE_DAMAGED: truncated, damaged, bytes between or after frames, or grown beyond the limits
 */
export async function unzstd(options: DecompressOptions): Promise<void> {
  const damaged = damageOf("zstd", options.file);
  const reader = new ByteReader(options.read);
  const write = guardedWrite(options, reader, damaged);
  for (let window = reader.window(); window !== undefined; window = reader.window()) {
    options.signal?.throwIfAborted();
    const walk = new ZstdFrameWalk(damaged);
    const end = walk.through(window);
    const plain = end === -1 || end > SMALL_FRAME ? undefined : smallFrame(window.subarray(0, end));
    if (plain === undefined) {
      await streamFrame({ reader, walk, end, write, damaged, signal: options.signal });
    } else {
      reader.skip(end);
      write(plain);
    }
  }
}

/** Undefined where the stream must do it, or say what is wrong. */
function smallFrame(frame: Buffer): Buffer | undefined {
  try {
    return zstdDecompressSync(frame, { maxOutputLength: MAX_SMALL_OUTPUT });
  } catch {
    return undefined;
  }
}

/** Decompresses the frame whose first bytes lie in the reader's window; `end` is where it ends there, or -1. */
async function streamFrame(frame: {
  readonly reader: ByteReader;
  readonly walk: ZstdFrameWalk;
  readonly end: number;
  readonly write: (bytes: Buffer) => void;
  readonly damaged: Damaged;
  readonly signal: AbortSignal | undefined;
}): Promise<void> {
  const { reader, walk, damaged } = frame;
  const stream = new InflateStream({
    stream: createZstdDecompress({ chunkSize: 1024 * 1024 }),
    write: frame.write,
    damaged: (cause) => damaged("the compressed data is damaged", cause),
  });
  let { end } = frame;
  try {
    for (;;) {
      frame.signal?.throwIfAborted();
      const window = reader.window();
      if (window === undefined) throw damaged("the file is truncated");
      const piece = end === -1 ? window : window.subarray(0, end);
      await stream.write(piece);
      reader.skip(piece.length);
      if (end !== -1) break;
      end = walk.through(reader.window() ?? NOTHING);
    }
    await stream.end();
  } finally {
    stream.destroy();
  }
}

const NOTHING = Buffer.alloc(0);
