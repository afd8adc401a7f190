/** Turns text of any encoding into UTF-8 on its way to a scanner. Strict: nothing is replaced by a question mark. */
import { LandfallError } from "../../base/landfall-error.ts";
import type { TextEncoding } from "../../formats/text-encoding.ts";
import { HeadHold } from "./head-hold.ts";
import type { OpenScan } from "./scan-part.ts";
import { textDecoder, type TextBytesDecoder } from "./text-decoder.ts";

export interface DecodeOptions {
  readonly encoding: TextEncoding;
  /** The name for messages. */
  readonly name: string;
}

/** What a scan found, and whether the bytes that it was given are those of the file. */
export type Decoded<S> = S & { readonly isDecoded: boolean };

const MARK_BYTES = 2;

/**
 * The same scan, fed with bytes in an encoding. UTF-8 passes as it is, and its mistakes are the scanner's to find, unless a mark
 * of UTF-16 stands at its start; of everything else a mark is left out.
 *
 * `feed` and `finish` throw as the scan does, and LandfallError FILE_DAMAGED for bytes that the encoding does not have.
 */
export function decoding<S>(scan: OpenScan<S>, options: DecodeOptions): OpenScan<Decoded<S>> {
  const damaged = (what: string, cause?: unknown): LandfallError => damage(options, what, cause);
  let decoder: TextBytesDecoder | undefined;
  let areStored = true;
  let bytesBefore = 0;
  const decode = (bytes?: Buffer): void => {
    try {
      const text = decoder!.decode(bytes);
      if (text !== "") scan.feed(Buffer.from(text), false);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw damaged(`bytes that are no ${decoder!.encoding}, after byte ${bytesBefore}`, error);
    }
    bytesBefore += bytes?.length ?? 0;
  };
  const hold = new HeadHold({
    bytes: MARK_BYTES,
    look: (head) => {
      const label = encodingOf(head, options.encoding);
      if (label === undefined) throw damaged("UTF-16 without a byte order mark: say UTF-16LE or UTF-16BE");
      if (label !== "utf-8") decoder = textDecoder(label);
    },
    write: (bytes) => (decoder === undefined ? scan.feed(bytes, areStored) : decode(bytes)),
  });
  return {
    feed(bytes, isStored) {
      areStored = isStored;
      hold.feed(bytes);
    },
    finish() {
      hold.end();
      if (decoder !== undefined) decode();
      return { ...scan.finish(), isDecoded: decoder !== undefined };
    },
  };
}

/** The encoding to decode by; undefined where only a mark could tell, and there is none. */
function encodingOf(head: Buffer, stated: TextEncoding): TextEncoding | undefined {
  if (stated !== "utf-16" && stated !== "utf-8") return stated;
  if (head[0] === 0xff && head[1] === 0xfe) return "utf-16le";
  if (head[0] === 0xfe && head[1] === 0xff) return "utf-16be";
  if (stated === "utf-16") return head.length === 0 ? "utf-16le" : undefined;
  return "utf-8";
}

function damage(options: DecodeOptions, what: string, cause: unknown): LandfallError {
  return new LandfallError("FILE_DAMAGED", {
    message: `text: ${what}`,
    hint: "Nothing of the file was ingested. Say the encoding that the file has.",
    file: options.name,
    cause,
  });
}
