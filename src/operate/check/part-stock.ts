/** Of what a run would take: what is newer, what it reads of an old stock today, and what waits for another day. Pure. */
import { bytesOf } from "../../base/bytes-of.ts";
import type { Arrival } from "../../ledger/ledger.ts";
import type { PlanLimits } from "../../ingest/plan-batch.ts";

export interface PartedStock {
  /** In the order in which they would be read: all that is newer, then today's part of the stock. */
  readonly now: readonly Arrival[];
  /** Of these the stock. */
  readonly today: readonly Arrival[];
  readonly later: readonly Arrival[];
}

/** As batch after batch comes to it: the stock in its order up to the first that does not fit into what is left of the day's share. */
export function partStock(options: {
  readonly arrivals: readonly Arrival[];
  /** What was modified before is stock; nanoseconds since the epoch as text. */
  readonly beforeNs: string;
  /** What is left of the share today; undefined: nothing. */
  readonly share: Pick<PlanLimits, "maxBytes" | "firstMaxBytes"> | undefined;
  /** The folder whose files arrive together; undefined for a file by itself. */
  readonly together?: ((key: string) => string | undefined) | undefined;
}): PartedStock {
  const { arrivals, share, together } = options;
  const before = BigInt(options.beforeNs);
  const isStock = ({ modifiedNs }: Arrival): boolean => BigInt(modifiedNs) < before;
  const stock = Map.groupBy(arrivals.filter(isStock), ({ key }) => together?.(key) ?? key);
  const today: Arrival[] = [];
  let left = share?.maxBytes ?? 0;
  let isFirst = share !== undefined && share.firstMaxBytes === undefined;
  for (const unit of share === undefined ? [] : stock.values()) {
    const bytes = bytesOf(unit);
    // The first of a day is read whatever its size; empty files before it count as nothing read, as they do after it.
    if (!isFirst && bytes > left) break;
    today.push(...unit);
    left = Math.max(0, left - bytes);
    isFirst &&= bytes === 0;
  }
  const read = new Set(today);
  return {
    now: [...arrivals.filter((arrival) => !isStock(arrival)), ...today],
    today,
    later: arrivals.filter((arrival) => isStock(arrival) && !read.has(arrival)),
  };
}
