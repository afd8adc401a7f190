/** What the memory ledger holds. */
import { compareText } from "../base/compare-text.ts";
import type { Arrival, ArrivalId, Batch, LedgerEvent, LedgerIdentity, TableIdentity } from "./ledger.ts";

/** What is in the maps is replaced, never changed, so that they alone need copying. */
export interface MemoryContent {
  /** By key, then by generation; generations in the order of their discovery. */
  arrivals: Map<string, Map<string, Arrival>>;
  events: Map<string, LedgerEvent[]>;
  /** How often the engine died over each; none for never. */
  attempts: Map<string, number>;
  batches: Map<string, Batch>;
  done: Set<number>;
  /** Vacate records that were taken in. */
  vacateRecords: Set<string>;
  /** `kind number` of batches of which nothing is left to be tidied. */
  tidied: Set<string>;
  tidyFailures: Map<string, LedgerEvent>;
  /** Ids of the decisions that are known. */
  decisions: Set<string>;
  identity?: LedgerIdentity;
  table?: TableIdentity;
}

export const emptyContent = (): MemoryContent => ({
  arrivals: new Map(),
  events: new Map(),
  attempts: new Map(),
  batches: new Map(),
  done: new Set(),
  vacateRecords: new Set(),
  tidied: new Set(),
  tidyFailures: new Map(),
  decisions: new Set(),
});

export const idText = (id: ArrivalId): string => `${id.generation}\0${id.key}`;

export const copyOf = (content: MemoryContent): MemoryContent => ({
  ...content,
  arrivals: new Map([...content.arrivals].map(([key, byKey]) => [key, new Map(byKey)])),
  events: new Map(content.events),
  attempts: new Map(content.attempts),
  batches: new Map(content.batches),
  done: new Set(content.done),
  vacateRecords: new Set(content.vacateRecords),
  tidied: new Set(content.tidied),
  tidyFailures: new Map(content.tidyFailures),
  decisions: new Set(content.decisions),
});

/** The whole content as canonical text, without instants. */
export function dumpOf(content: MemoryContent, arrivals: readonly Arrival[]): string {
  const row = (arrival: Arrival): unknown[] => {
    const { key, generation, state, size, modifiedNs, rule, reason, batchId, vacated, outcome } = arrival;
    const events = content.events.get(idText(arrival)) ?? [];
    return [
      [key, generation, state, size, modifiedNs, rule, reason, batchId, vacated],
      outcome && [
        outcome.bytes,
        outcome.crc32,
        outcome.read,
        outcome.written,
        outcome.rescued,
        outcome.rejected,
        outcome.corrupt,
      ],
      events.map(({ event, batchId, detail }) => [event, batchId, detail]),
      content.attempts.get(idText(arrival)),
    ];
  };
  const { identity, table } = content;
  return JSON.stringify([
    identity && [identity.pipelineId, identity.name, identity.source],
    table && [table.tableId, table.version, table.txnId],
    [...content.batches.values()].map((batch) => [batch.number, batch.batchId, batch.state, batch.version]),
    [...content.done].sort((a, b) => a - b),
    [...content.decisions].sort(compareText),
    arrivals.map(row),
    [...content.vacateRecords].sort(),
    [...content.tidied].sort(),
    [...content.tidyFailures].map(([id, { detail }]) => [id, detail]),
  ]);
}
