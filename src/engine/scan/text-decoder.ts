/** Decoders of encodings, strict: bytes that an encoding does not have are an error, never a question mark. */
import type { TextEncoding } from "../../formats/text-encoding.ts";

export interface TextBytesDecoder {
  readonly encoding: TextEncoding;
  /** Text of the next bytes; without any, of what is left. @throws TypeError for bytes that the encoding does not have */
  decode(bytes?: Buffer): string;
}

/** The WHATWG takes these for the code pages of Windows, which have characters where they have the control characters 0x80 to 0x9f. */
const WITH_CONTROLS: ReadonlySet<TextEncoding> = new Set(["iso-8859-9", "iso-8859-11"]);

/** A decoder of one stream of bytes. `encoding` is a name that `textEncoding` gave; `utf-16` by itself is little-endian here. */
export function textDecoder(encoding: TextEncoding): TextBytesDecoder {
  if (encoding === "iso-8859-1") return { encoding, decode: (bytes) => bytes?.toString("latin1") ?? "" };
  if (WITH_CONTROLS.has(encoding)) return withControls(encoding);
  const decoder = new TextDecoder(encoding, { fatal: true });
  return { encoding, decode: (bytes) => decoder.decode(bytes, { stream: bytes !== undefined }) };
}

function withControls(encoding: TextEncoding): TextBytesDecoder {
  const characters = Array.from({ length: 256 }, (_, byte) => {
    if (byte < 0xa0) return String.fromCharCode(byte);
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(Uint8Array.of(byte));
    } catch {
      // A byte without a character: whoever meets it is told then.
      return undefined;
    }
  });
  const character = (byte: number): string => {
    const found = characters[byte];
    if (found === undefined) throw new TypeError(`byte ${byte} has no character in ${encoding}`);
    return found;
  };
  return { encoding, decode: (bytes) => Array.from(bytes ?? [], character).join("") };
}
