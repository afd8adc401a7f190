/** Reads a tar archive as its bytes come, in any chunks, and hands its files on; nothing is ever written under their names. */
import type { ArchiveMembers } from "./archive-members.ts";
import type { Damaged } from "./expansion.ts";
import { BLOCK_BYTES, parseTarHeader, type TarHeader } from "./tar-header.ts";

/** Of what describes a member, such as a long name. */
const MAX_DESCRIPTION_BYTES = 1024 ** 2;

/** What the bytes after a header are. */
type Role = "member" | "skipped" | "longName" | "pax";

/** Reads one archive. `feed` its bytes in order, then `finish` once. */
export class TarReader {
  readonly #members: ArchiveMembers;
  readonly #damaged: Damaged;
  readonly #header = Buffer.alloc(BLOCK_BYTES);
  #headerUsed = 0;
  #role: Role = "skipped";
  /** Bytes of the content, and of the padding to whole blocks after it, that are to come. */
  #left = 0;
  #padding = 0;
  #description: Buffer[] = [];
  /** What was said before the header that it is about. */
  #longName: Buffer | undefined;
  #paxSize: number | undefined;
  #isOver = false;

  constructor(options: { readonly members: ArchiveMembers; readonly damaged: Damaged }) {
    this.#members = options.members;
    this.#damaged = options.damaged;
  }

  /** The next bytes. @throws LandfallError FILE_DAMAGED */
  feed(bytes: Buffer): void {
    for (let at = 0; at < bytes.length;) {
      if (this.#left > 0) {
        const count = Math.min(this.#left, bytes.length - at);
        this.#content(bytes.subarray(at, at + count));
        at += count;
      } else if (this.#padding > 0) {
        const count = Math.min(this.#padding, bytes.length - at);
        this.#padding -= count;
        at += count;
      } else {
        const count = bytes.copy(this.#header, this.#headerUsed, at);
        this.#headerUsed += count;
        at += count;
        if (this.#headerUsed === BLOCK_BYTES) this.#takeHeader();
      }
    }
  }

  /** The end of the file. @throws LandfallError FILE_DAMAGED: it ends before the archive does */
  finish(): void {
    if (!this.#isOver || this.#headerUsed > 0) throw this.#damaged("the archive is truncated");
  }

  #takeHeader(): void {
    this.#headerUsed = 0;
    const isEmpty = this.#header.every((byte) => byte === 0);
    if (this.#isOver && !isEmpty) throw this.#damaged("bytes after the archive's end");
    if (isEmpty) {
      this.#isOver = true;
      return;
    }
    const header = parseTarHeader(this.#header);
    if (header === undefined) throw this.#damaged("a member's header is damaged");
    this.#role = this.#roleOf(header);
    const isDescription = this.#role === "longName" || this.#role === "pax";
    const size = isDescription ? header.size : (this.#paxSize ?? header.size);
    if (isDescription && size > MAX_DESCRIPTION_BYTES)
      throw this.#damaged("a member's description is too long");
    if (!isDescription && header.type !== "g") {
      this.#longName = undefined;
      this.#paxSize = undefined;
    }
    this.#left = size;
    this.#padding = (BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES;
    this.#description = [];
    if (size === 0) this.#contentEnds();
  }

  #roleOf({ name, type }: TarHeader): Role {
    switch (type) {
      case "L":
        return "longName";
      case "x":
        return "pax";
      case "g":
      case "K":
        return "skipped";
      default: {
        const own = this.#longName ?? name;
        return this.#members.start(own, kindOf(type, own)) ? "member" : "skipped";
      }
    }
  }

  #content(bytes: Buffer): void {
    this.#left -= bytes.length;
    if (this.#role === "member") this.#members.write(bytes);
    else if (this.#role !== "skipped") this.#description.push(Buffer.from(bytes));
    if (this.#left === 0) this.#contentEnds();
  }

  #contentEnds(): void {
    switch (this.#role) {
      case "member":
        return this.#members.end();
      case "longName": {
        const name = Buffer.concat(this.#description);
        const end = name.indexOf(0);
        this.#longName = end === -1 ? name : name.subarray(0, end);
        return;
      }
      case "pax":
        return this.#takePax(Buffer.concat(this.#description));
      case "skipped":
    }
  }

  /** Records of `<length> <key>=<value>\n`. */
  #takePax(records: Buffer): void {
    for (let at = 0; at < records.length;) {
      const match = /^([0-9]{1,10}) ([^=]+)=/.exec(records.toString("latin1", at, at + 300));
      const end = at + Number(match?.[1]);
      if (match === null || !(end <= records.length) || records[end - 1] !== 0x0a || end <= at)
        throw this.#damaged("a member's description is damaged");
      const value = records.subarray(at + match[0].length, end - 1);
      const key = match[2]!;
      if (key === "path") this.#longName = value;
      if (key === "size") this.#paxSize = paxSize(value, this.#damaged);
      if (key.startsWith("GNU.sparse.")) throw this.#damaged("a sparse member, which is not read");
      at = end;
    }
  }
}

function kindOf(type: string, name: Buffer): "file" | "folder" | "link" | "device" {
  if (type === "5") return "folder";
  if (type === "1" || type === "2") return "link";
  if (type !== "0" && type !== "\0" && type !== "7") return "device";
  // Before there were types a folder was a name with a slash at its end.
  return name.at(-1) === 0x2f ? "folder" : "file";
}

function paxSize(value: Buffer, damaged: Damaged): number {
  const text = value.toString("latin1");
  const size = Number(text);
  if (!/^[0-9]+$/.test(text) || !Number.isSafeInteger(size)) throw damaged("a member's size is no number");
  return size;
}
