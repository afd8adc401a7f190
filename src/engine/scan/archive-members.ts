/** What holds for the members of every archive: which are skipped, and what quarantines the archive. */
import { isLandfallError, type LandfallError } from "../../base/landfall-error.ts";
import { displayKey, encodePathBytes } from "../../base/path-bytes.ts";
import { compressionOf } from "./decompress.ts";
import type { Damaged } from "./expansion.ts";
import { HeadHold } from "./head-hold.ts";
import { looksLikeTar } from "./tar-header.ts";

/** Takes the parts of a file: its own bytes without `start` and `end`, or the members of an archive one after the other. */
export interface PartSink {
  /** A member begins; its name in the archive, as encoded bytes. */
  start(name: string): void;
  /** The same for a member that is compressed: its bytes come as they are. */
  startPacked(name: string): void;
  /** The bytes of the part in order, and whether they are those on disk; changed and overwritten as for `feedFile`. */
  write(bytes: Buffer, isStored: boolean): void;
  /** The member is whole. */
  end(): void;
}

/** Each brings about a file of its own on the way. */
const MAX_MEMBERS = 100_000;

/** True for bytes that begin like a zip file, one without members too. */
export function looksZipped(head: Buffer): boolean {
  if (head.length < 4 || head[0] !== 0x50 || head[1] !== 0x4b) return false;
  return (head[2] === 3 && head[3] === 4) || (head[2] === 5 && head[3] === 6);
}

/** What a file or member is besides plain bytes; undefined for plain ones. */
export function packingOf(head: Buffer): string | undefined {
  const compression = compressionOf(head);
  if (compression !== "none") return compression;
  if (looksZipped(head)) return "zip";
  return looksLikeTar(head) ? "tar" : undefined;
}

/** Passes members on to a sink, in the order of the archive. */
export class ArchiveMembers {
  readonly #sink: PartSink;
  readonly #damaged: Damaged;
  #count = 0;
  #name = "";
  #member: HeadHold | undefined;

  constructor(options: { readonly sink: PartSink; readonly damaged: Damaged }) {
    this.#sink = options.sink;
    this.#damaged = options.damaged;
  }

  /**
   * A member begins, by the name that the archive gives it and, where it is no file, what it is. False where it is to be skipped:
   * a folder, or a name of which a part begins with `.` or `_`.
   *
   * @throws LandfallError FILE_DAMAGED for names that lead out of the archive, links, devices, and too many members
   */
  start(name: Buffer, kind: "file" | "folder" | "link" | "device"): boolean {
    this.#count += 1;
    if (this.#count > MAX_MEMBERS) throw this.#damaged(`more than ${MAX_MEMBERS} members`);
    const parts = name.toString("latin1").split("/");
    const shown = displayKey(encodePathBytes(name));
    if (parts[0] === "" || parts.includes("..") || name.includes(0))
      throw this.#damaged(`${shown}: a name that leads out of the archive`);
    const named = parts.filter((part) => part !== "" && part !== ".");
    if (kind === "folder" || named.length === 0 || named.some((part) => /^[._]/.test(part))) return false;
    if (kind !== "file") throw this.#damaged(`${shown} is a ${kind}, and only files are read`);
    this.#name = encodePathBytes(Buffer.from(named.join("/"), "latin1"));
    this.#member = new HeadHold({
      look: (head) => this.#begin(head),
      write: (bytes) => this.#sink.write(bytes, false),
    });
    return true;
  }

  write(bytes: Buffer): void {
    this.#named(() => this.#member!.feed(bytes));
  }

  end(): void {
    this.#named(() => {
      this.#member!.end();
      this.#sink.end();
    });
  }

  /** An error that is about the member. */
  damaged(what: string, cause?: unknown): LandfallError {
    return this.#damaged(`${displayKey(this.#name)}: ${what}`, cause);
  }

  #begin(head: Buffer): void {
    const packing = packingOf(head);
    if (packing === "zip" || packing === "tar")
      throw this.#damaged(`is an archive (${packing}) in an archive, which is not read`);
    if (packing === undefined) this.#sink.start(this.#name);
    else this.#sink.startPacked(this.#name);
  }

  /** What is wrong with a member is told with its name. */
  #named(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!isLandfallError(error, "FILE_DAMAGED")) throw error;
      throw this.damaged(error.message, error);
    }
  }
}
