/** The ledger in an SQLite file, held by a worker thread of its own. */
import { lastOfEachKey } from "./arrival-id.ts";
import type { Ledger } from "./ledger.ts";
import { MIGRATIONS, type Migration } from "./ledger-schema.ts";
import { startLedgerThread } from "./ledger-thread.ts";
import { idText, observationText } from "./observation-text.ts";

export interface SqliteLedgerOptions {
  /** The file; its folder exists (`checkLedgerPlace`). Made with mode 0600 when it is not there. */
  readonly path: string;
  /** Only look on, while another process may write; fails where there is no ledger. Every change is refused. Default: false. */
  readonly readOnly?: boolean;
  /**
   * A second thread with a connection of its own answers everything that changes nothing, so that it never waits for a large batch;
   * it sees what was confirmed before it was asked. Default: false.
   */
  readonly readConnection?: boolean;
  /** The shapes that this program knows; tests bring others. */
  readonly migrations?: readonly Migration[];
}

/**
 * Opens or makes the ledger, after bringing an older file to the newest shape (a copy stays beside it).
 *
 * @throws LandfallError STATE_NEWER for a file of a newer Landfall, LEDGER_FAILED for one that is damaged, foreign, missing
 * (`readOnly`) or locked for 10 seconds, STORAGE_FULL
 */
export async function openSqliteLedger(options: SqliteLedgerOptions): Promise<Ledger> {
  const { path, readOnly = false, readConnection = false, migrations = MIGRATIONS } = options;
  const writer = await startLedgerThread({ path, readOnly, migrations });
  if (!readConnection || readOnly) return ledgerOver(writer, writer);
  try {
    return ledgerOver(writer, await startLedgerThread({ path, readOnly: true, migrations }));
  } catch (error) {
    await writer.close();
    throw error;
  }
}

type Thread = Awaited<ReturnType<typeof startLedgerThread>>;

function ledgerOver(writer: Thread, reader: Thread): Ledger {
  return {
    identity: () => reader.call("identity"),
    setIdentity: (identity) => writer.call("setIdentity", identity),
    tableIdentity: () => reader.call("tableIdentity"),
    setTableIdentity: (identity) => writer.call("setTableIdentity", identity),
    observe: async (observations, at) => writer.call("observe", observationText(observations), at),
    setWaiting: async (observations, at) =>
      writer.call("setWaiting", observationText(lastOfEachKey(observations)), at),
    candidates: (limit, choice) => reader.call("candidates", limit, choice),
    bytesRead: (of) => reader.call("bytesRead", of),
    skip: (arrivals, at) => writer.call("skip", arrivals, at),
    plan: async (batch, arrivals) => writer.call("plan", batch, idText(arrivals)),
    advance: (batchId, state, version) => writer.call("advance", batchId, state, version),
    voidBatch: (batchId, at, engineDied) => writer.call("voidBatch", batchId, at, engineDied),
    openBatches: () => reader.call("openBatches"),
    claimed: (batchId) => reader.call("claimed", batchId),
    lastTakenIn: () => reader.call("lastTakenIn"),
    batchesWithoutDoneMark: () => reader.call("batchesWithoutDoneMark"),
    markDone: (number) => writer.call("markDone", number),
    settle: (request) => writer.call("settle", request),
    baseline: async (arrivals, at) => writer.call("baseline", observationText(arrivals), at),
    unknownVacateRecords: (records) => reader.call("unknownVacateRecords", records),
    vacate: (record, batchId, arrivals) => writer.call("vacate", record, batchId, arrivals),
    untidiedBatches: (kind, after, limit) => reader.call("untidiedBatches", kind, after, limit),
    batchTidied: (kind, number) => writer.call("batchTidied", kind, number),
    tidied: (arrivals, at) => writer.call("tidied", arrivals, at),
    takeBack: (outcomes, at) => writer.call("takeBack", outcomes, at),
    decide: (decisions, at) => writer.call("decide", decisions, at),
    decisions: () => reader.call("decisions"),
    events: (id) => reader.call("events", id),
    get: (id) => reader.call("get", id),
    generations: (key) => reader.call("generations", key),
    arrivals: (filter) => reader.call("arrivals", filter),
    batch: (batchId) => reader.call("batch", batchId),
    batches: (limit) => reader.call("batches", limit),
    summary: () => reader.call("summary"),
    clear: () => writer.call("clear"),
    close: async () => {
      // The writer last: the last connection to close folds the log into the file.
      if (reader !== writer) await reader.close();
      await writer.close();
    },
  };
}
