/** The first pass over one arrival: every part of it scanned, and its plain bytes kept where the engine can read them. */
import { join } from "node:path";
import { displayKey } from "../../base/path-bytes.ts";
import { EMPTY_TRIE, mergeTries, type TrieNode } from "../../schema/lattice.ts";
import { decoding } from "./decode-text.ts";
import type { PlainCsv } from "./csv-reader.ts";
import { feedArrival, type PartReader } from "./feed-arrival.ts";
import type { FileBytes, OnBytes } from "./feed-file.ts";
import type { JsonLayout } from "./json-layout.ts";
import type { JobFile, ScanJob, ScannedFile, ScannedPart } from "./scan-jobs.ts";
import { scanCsvPart, scanJsonPart, scanMadePart, type LineMaker, type OpenScan } from "./scan-part.ts";
import { SpillWriter } from "./spill-writer.ts";
import { TextLines } from "./text-lines.ts";
import { XmlLines } from "./xml-lines.ts";

export interface ArrivalScan {
  readonly file: ScannedFile;
  readonly trie: TrieNode;
}

/**
 * Scans a file, or each member of an archive. What it has put into `gathered` is the caller's to take back where it throws.
 *
 * @throws as `feedArrival`, and FILE_DAMAGED for a part in which no record can be found
 */
export async function scanArrival(options: {
  readonly job: ScanJob;
  readonly file: JobFile;
  readonly gathered: SpillWriter;
  /** Of XML: why a row is to be rejected. */
  readonly faultOf?: ((row: string) => string | undefined) | undefined;
  readonly onBytes: OnBytes | undefined;
}): Promise<ArrivalScan> {
  const { job, file, onBytes } = options;
  const parts = new Parts(options);
  const { limits, spillFolder } = job;
  const open = (member: string | undefined): PartReader => parts.open(member);
  return parts.finish(await feedArrival({ file, limits, spillFolder, open, onBytes }));
}

/** What is known of the bytes of the part under way. */
interface OpenPart {
  readonly scan: OpenScan<PartFacts>;
  readonly member: string | undefined;
  readonly plain: SpillWriter;
  /** Where what it adds to the gathered lines begins. */
  readonly gatheredFrom: number;
  isStored: boolean;
  bytes: number;
}

interface PartFacts {
  readonly records: number;
  readonly malformed: { readonly count: number };
  readonly longest: number;
  readonly marked: boolean;
  /** Of JSON, and of what lines of JSON were made of. */
  readonly layout?: JsonLayout;
  /** The bytes are not those of the file. */
  readonly isDecoded?: boolean;
  /** Of CSV. */
  readonly plain?: PlainCsv | undefined;
  readonly trie: TrieNode;
}

type PartsOptions = Omit<Parameters<typeof scanArrival>[0], "onBytes">;

class Parts {
  readonly #job: ScanJob;
  readonly #file: JobFile;
  readonly #gathered: SpillWriter;
  readonly #faultOf: PartsOptions["faultOf"];
  readonly #parts: ScannedPart[] = [];
  #trie = EMPTY_TRIE;

  constructor({ job, file, gathered, faultOf }: PartsOptions) {
    this.#job = job;
    this.#file = file;
    this.#gathered = gathered;
    this.#faultOf = faultOf;
  }

  open(member: string | undefined): PartReader {
    const open = this.#begin(member);
    return {
      write(bytes, isStored) {
        open.isStored = isStored;
        open.bytes += bytes.length;
        open.scan.feed(bytes, isStored);
      },
      end: () => this.#end(open),
      close: () => open.plain.close(),
    };
  }

  finish(read: FileBytes): ArrivalScan {
    const { bytes, crc32 } = read;
    return { file: { rank: this.#file.rank, bytes, crc32, parts: this.#parts }, trie: this.#trie };
  }

  #end(open: OpenPart): void {
    const { records, malformed, longest, marked, plain, trie, layout, isDecoded } = open.scan.finish();
    const isMade = isDecoded === true || layout === "values";
    this.#trie = mergeTries(this.#trie, trie);
    const { member } = open;
    const isOwn = open.isStored && !isMade;
    const isClean = this.#job.format !== "csv" && records > 0 && malformed.count === 0 && !marked;
    const gathered = this.#gather(open, isClean);
    this.#parts.push({
      ...(member === undefined ? {} : { member }),
      bytes: open.bytes,
      records,
      malformed: malformed.count,
      longest,
      marked,
      ...(plain === undefined ? {} : { plainCsv: plain }),
      isMade,
      ...(isOwn ? {} : { plainPath: open.plain.path }),
      ...(gathered ? { gathered: true as const } : {}),
    });
  }

  #begin(member: string | undefined): OpenPart {
    const { rank } = this.#file;
    const name = member === undefined ? `${rank}.plain` : `${rank}-${this.#parts.length}.plain`;
    const plain = new SpillWriter(join(this.#job.spillFolder, name));
    const onPlain = (bytes: Buffer, isStored: boolean): void => {
      if (!isStored) plain.write(bytes);
      else if (this.#isSmall()) this.#gathered.write(bytes);
    };
    return {
      scan: this.#scan(member, onPlain),
      member,
      plain,
      gatheredFrom: this.#gathered.bytes,
      isStored: member === undefined,
      bytes: 0,
    };
  }

  #scan(
    member: string | undefined,
    onPlain: (bytes: Buffer, isStored: boolean) => void,
  ): OpenScan<PartFacts> {
    const { format, formats, limits, countsDigits } = this.#job;
    const name = displayKey(member ?? this.#file.path);
    const key = member ?? this.#file.key;
    const options = { ...limits, name, file: this.#file.rank, onPlain };
    switch (format) {
      case "json": {
        const { json } = formats;
        return decoding(scanJsonPart({ ...options, layout: json }), { name, encoding: json.encoding });
      }
      case "csv": {
        const { csv } = formats;
        return decoding(scanCsvPart({ ...options, key, csv, countsDigits }), {
          name,
          encoding: csv.encoding,
        });
      }
      case "text": {
        const { text } = formats;
        const make = (write: (lines: Buffer) => void): LineMaker => new TextLines({ ...text, write });
        return decoding(scanMadePart({ ...options, make }), { name, encoding: text.encoding });
      }
      case "xml": {
        // A document says its encoding itself.
        const make = (write: (lines: Buffer) => void): LineMaker =>
          new XmlLines({ ...formats.xml, ...limits, file: name, write, faultOf: this.#faultOf });
        return scanMadePart({ ...options, make });
      }
    }
  }

  #isSmall(): boolean {
    return this.#job.format !== "csv" && this.#file.size < this.#job.gatherBelow;
  }

  /** True where every record of the part stands among the gathered lines. */
  #gather(open: OpenPart, isClean: boolean): boolean {
    const { bytes } = open.plain;
    // Only what still lies in memory is copied: else it is large enough for the engine to open it by itself.
    const content =
      isClean && bytes > 0 && bytes < this.#job.gatherBelow ? open.plain.unwritten() : undefined;
    if (content !== undefined) this.#gathered.write(content);
    const isThere = isClean && this.#gathered.bytes > open.gatheredFrom;
    if (isThere) this.#gathered.write(NEWLINE);
    else this.#gathered.takeBack(open.gatheredFrom);
    return isThere;
  }
}

const NEWLINE = Buffer.from("\n");
