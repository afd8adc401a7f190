/** What was archived lies where it was moved to, and of what was about to be moved nothing is lost. */
import { lstat } from "node:fs/promises";
import { isLandfallError } from "../../base/landfall-error.ts";
import { decodePathBytes, displayKey, encodePathBytes } from "../../base/path-bytes.ts";
import { listVacateNames, readFoldedVacates } from "../../ingest/folded-vacates.ts";
import { findPlaced } from "../../ingest/place-file.ts";
import type { PipelineIdentity } from "../../ingest/pipeline-identity.ts";
import { followMoves, readRelocations } from "../../ingest/relocations.ts";
import { parseVacateRecord, type VacateRecord } from "../../ingest/vacate-records.ts";
import type { Arrival } from "../../ledger/ledger.ts";
import type { LedgerReader } from "../../ledger/ledger-reader.ts";
import type { Storage } from "../../storage/storage.ts";
import { everyArrival } from "../list-files.ts";
import type { Findings } from "./finding.ts";

interface CheckTidiedOptions {
  readonly storage: Storage;
  readonly pipeline: PipelineIdentity;
  readonly ledger: LedgerReader;
  readonly findings: Findings;
  readonly signal?: AbortSignal | undefined;
}

/** Only on this host's disks: what lies elsewhere is said to be gone from where the ledger says it is. */
export async function checkTidied(options: CheckTidiedOptions): Promise<void> {
  const { ledger, signal } = options;
  const records = await readRecords(options);
  const moves = await archiveMoves(options);
  for await (const arrival of everyArrival(ledger, { states: ["archived", "committed"] })) {
    signal?.throwIfAborted();
    if (arrival.state === "archived") await checkArchived(options, arrival, moves);
    else if (arrival.vacated)
      await checkVacated(options, arrival, { records: records.get(arrival.batchId ?? "") ?? [], moves });
  }
}

interface Move {
  readonly from: string;
  readonly to: string;
}

/** Where `files relocate` moved the archive. */
async function archiveMoves({ storage, pipeline }: CheckTidiedOptions): Promise<readonly Move[]> {
  const relocations = await readRelocations(storage, pipeline.name);
  return relocations.flatMap(({ archive }) => (archive === undefined ? [] : [archive]));
}

/** By batchId. */
async function readRecords(
  options: CheckTidiedOptions,
): Promise<ReadonlyMap<string, readonly VacateRecord[]>> {
  const { storage, pipeline, findings } = options;
  const records = new Map<string, readonly VacateRecord[]>();
  const names = await listVacateNames(storage, pipeline.name);
  const read = async (key: string, run: () => Promise<readonly VacateRecord[]>): Promise<void> => {
    try {
      for (const record of await run())
        records.set(record.batchId, [...(records.get(record.batchId) ?? []), record]);
    } catch (error) {
      if (!isLandfallError(error, "STATE_CORRUPT")) throw error;
      findings.add("fault", "VACATE_RECORD_DAMAGED", { what: error.message, where: key, hint: RESTORE });
    }
  };
  for (const { key } of names.records)
    await read(key, async () => [
      parseVacateRecord(await storage.get(key), { file: `${storage.location}/${key}` }),
    ]);
  for (const file of names.folded)
    await read(file.key, async () =>
      (await readFoldedVacates(storage, file)).map(({ key, text }) =>
        parseVacateRecord(Buffer.from(text), { file: key }),
      ),
    );
  return records;
}

const RESTORE = "Restore it from a backup; a ledger that is lost cannot be rebuilt without it.";

async function checkArchived(
  { ledger, pipeline, findings }: CheckTidiedOptions,
  arrival: Arrival,
  moves: readonly Move[],
): Promise<void> {
  const moved = (await ledger.events(arrival)).findLast(({ event }) => event === "archived");
  if (moved?.detail === undefined) return;
  if ((await isThere(moved.detail)) || (await isThere(followMoves(moved.detail, moves)))) return;
  findings.add("note", "ARCHIVED_FILE_GONE", {
    what: `The file was archived to ${moved.detail}, and is not there any more; its rows are in the table.`,
    where: `${displayKey(arrival.key)} of ${pipeline.name}`,
    hint: "Nothing is wrong if somebody cleaned up the archive, or it lies on another host.",
  });
}

/** A path for people is the path itself, but where its bytes are no text. */
async function isThere(path: string): Promise<boolean> {
  for (const bytes of [Buffer.from(path), decodePathBytes(path)])
    if ((await lstat(bytes).catch(() => undefined)) !== undefined) return true;
  return false;
}

async function checkVacated(
  { pipeline, findings }: CheckTidiedOptions,
  arrival: Arrival,
  { records, moves }: { readonly records: readonly VacateRecord[]; readonly moves: readonly Move[] },
): Promise<void> {
  const source = encodePathBytes(pipeline.source);
  // What is held is ended by the next start.
  if ((await isThere(`${source}/${arrival.key}`)) || (await isThere(`${source}/.landfall/held`))) return;
  for (const { action, to } of records) {
    // Deleting leaves nothing to look for.
    if (action === "delete") return;
    if (to === undefined) continue;
    for (const folder of new Set([to, followMoves(to, moves)]))
      if ((await findPlaced(folder, arrival)) !== undefined) return;
  }
  findings.add("unprovable", "VACATED_FILE_GONE", {
    what: "Landfall was about to move the file, and it lies neither in the source nor where it was to go; its rows are in the table.",
    where: `${displayKey(arrival.key)} of ${pipeline.name}`,
    hint: "Somebody else may have removed it at that moment.",
  });
}
