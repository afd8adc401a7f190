/**
 * Local names are bytes, not text. A key is the name with every byte outside printable ASCII, and `%`, percent-encoded, so
 * that any name is plain text in the ledger, in manifests and in messages (exactly-once rules, §1).
 */

const PLAIN = /^[!-$&-~]*$/;

/** Percent-encodes the bytes of a local path or name; `/` stays. */
export function encodePathBytes(bytes: Buffer | string): string {
  if (typeof bytes === "string") {
    if (PLAIN.test(bytes)) return bytes;
    return encodePathBytes(Buffer.from(bytes, "utf8"));
  }
  // Nearly every name is plain, and a listing of a million of them must not build each one character by character.
  const plain = bytes.toString("latin1");
  if (PLAIN.test(plain)) return plain;
  let text = "";
  for (const byte of bytes) {
    text +=
      byte > 0x20 && byte < 0x7f && byte !== 0x25
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return text;
}

/** The bytes of an encoded path: what the file system is asked for. */
export function decodePathBytes(key: string): Buffer {
  if (!key.includes("%")) return Buffer.from(key, "latin1");
  const bytes: number[] = [];
  for (let i = 0; i < key.length; i++) {
    if (key[i] === "%") {
      bytes.push(Number.parseInt(key.slice(i + 1, i + 3), 16));
      i += 2;
    } else {
      bytes.push(key.charCodeAt(i));
    }
  }
  return Buffer.from(bytes);
}

/** A key as text: decoded where it is UTF-8 without control characters, else as it stands. Two keys may have one text. */
export function keyText(key: string): string {
  if (!key.includes("%")) return key;
  const bytes = decodePathBytes(key);
  const text = bytes.toString("utf8");
  // eslint-disable-next-line no-control-regex
  return Buffer.from(text, "utf8").equals(bytes) &&
    !/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/.test(text)
    ? text
    : key;
}

const ESCAPE = /%[0-9A-F]{2}/;

/** A key as a person is shown it: its text, unless that could be the key of another file. No two keys are shown alike. */
export function displayKey(key: string): string {
  const text = keyText(key);
  return ESCAPE.test(text) ? key : text;
}

/** True for what is the key of a file and is shown as it stands. */
export function isShownEncoded(name: string): boolean {
  return ESCAPE.test(name) && encodePathBytes(decodePathBytes(name)) === name && displayKey(name) === name;
}
