/** What a full refresh would lose: rows of files that stand in the table and that a new reading of the source does not bring back. */
import type { Arrival } from "../../ledger/ledger.ts";
import type { LedgerReader } from "../../ledger/ledger-reader.ts";
import type { Source } from "../../sources/source.ts";
import { everyArrival } from "../list-files.ts";

/** `archived`, `deleted`: Landfall itself took it out of the source. `gone`: it is not there any more. `changed`: another content is. */
export type LostWhy = "archived" | "deleted" | "gone" | "changed";

export interface LostFile {
  readonly key: string;
  readonly generation: string;
  readonly why: LostWhy;
  readonly rows: number;
}

export interface LostRows {
  readonly files: number;
  readonly rows: number;
  readonly why: Readonly<Partial<Record<LostWhy, number>>>;
  /** The first of them. */
  readonly first: readonly LostFile[];
}

const KEPT = 1000;

export async function lostRows(options: {
  readonly ledger: LedgerReader;
  readonly source: Source;
  readonly signal?: AbortSignal | undefined;
}): Promise<LostRows> {
  const { ledger, source, signal } = options;
  const first: LostFile[] = [];
  const why: Partial<Record<LostWhy, number>> = {};
  let files = 0;
  let rows = 0;
  for await (const arrival of everyArrival(ledger, { states: ["committed", "archived", "deleted"] })) {
    signal?.throwIfAborted();
    const lost = await whyLost(arrival, { ledger, source });
    // A file without rows takes none with it.
    const written = arrival.outcome?.written ?? 0;
    if (lost === undefined || written === 0) continue;
    files += 1;
    rows += written;
    why[lost] = (why[lost] ?? 0) + 1;
    if (first.length < KEPT)
      first.push({ key: arrival.key, generation: arrival.generation, why: lost, rows: written });
  }
  return { files, rows, why, first };
}

async function whyLost(
  arrival: Arrival,
  { ledger, source }: { readonly ledger: LedgerReader; readonly source: Source },
): Promise<LostWhy | undefined> {
  const { key } = arrival;
  const found = await source.look(key);
  // Put back after it was archived, it is read like any other.
  if (found?.generation === arrival.generation) return undefined;
  // The same bytes under another time: a run has compared them, or `files relocate` has.
  const now = found && (await ledger.get({ key, generation: found.generation }));
  if (now?.rule === "touched" || isCopy(now, arrival)) return undefined;
  if (arrival.state === "archived" || arrival.state === "deleted") return arrival.state;
  return found === undefined ? "gone" : "changed";
}

function isCopy(now: Arrival | undefined, { outcome }: Arrival): boolean {
  if (now?.rule !== "adopted" || now.outcome === undefined || outcome === undefined) return false;
  return now.outcome.bytes === outcome.bytes && now.outcome.crc32 === outcome.crc32;
}
