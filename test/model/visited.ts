/**
 * The states that an exploration has seen, as 64 bits each: of twenty million, the chance that any one is taken for another is one in a
 * hundred thousand. A Set of texts would need fifty times the room, and ends at sixteen million.
 */
import { NO_FAULTS, type Faults } from "./scenario.ts";
import type { State } from "./state.ts";

const FAULTS = Object.keys(NO_FAULTS) as readonly (keyof Faults)[];

export interface Visited {
  /** True when the state was not there before. */
  add(state: State): boolean;
  readonly size: number;
}

export function visited(): Visited {
  let slots = 1 << 16;
  let high = new Uint32Array(slots);
  let low = new Uint32Array(slots);
  let size = 0;
  const digest = { high: 0, low: 0 };
  const late = new Map<string, number>();

  const place = (h: number, l: number): number => {
    let at = (h ^ Math.imul(l, 0x9e3779b1)) & (slots - 1);
    while ((high[at] !== 0 || low[at] !== 0) && (high[at] !== h || low[at] !== l))
      at = (at + 1) & (slots - 1);
    return at;
  };
  const grow = (): void => {
    const before = { high, low };
    slots *= 2;
    high = new Uint32Array(slots);
    low = new Uint32Array(slots);
    for (let i = 0; i < before.high.length; i++) {
      const [h, l] = [before.high[i]!, before.low[i]!];
      if (h === 0 && l === 0) continue;
      const at = place(h, l);
      high[at] = h;
      low[at] = l;
    }
  };
  return {
    add(state) {
      digestInto(digest, state, late);
      const at = place(digest.high, digest.low);
      if (high[at] !== 0 || low[at] !== 0) return false;
      high[at] = digest.high;
      low[at] = digest.low;
      size += 1;
      if (size * 2 > slots) grow();
      return true;
    },
    get size() {
      return size;
    },
  };
}

function digestInto(into: { high: number; low: number }, state: State, lateIds: Map<string, number>): void {
  let a = 0x2545f491;
  let b = 0x6a09e667;
  const take = (value: number): void => {
    a = Math.imul(a ^ value, 0xcc9e2d51);
    a = (a << 15) | (a >>> 17);
    b = Math.imul(b ^ value, 0x85ebca6b);
    b = ((b << 13) | (b >>> 19)) + a;
  };
  const { shared, processes, budget, late, backup, last, switches } = state;
  take(shared.store);
  take(shared.source);
  for (const ledger of shared.ledgers) take(ledger);
  for (const { local, runs, drawn } of processes) {
    take(local === undefined ? -1 : local.id);
    take(runs * 1024 + drawn);
  }
  for (const fault of FAULTS) take(budget[fault]);
  take(backup);
  take(last);
  take(switches === Number.POSITIVE_INFINITY ? -1 : switches);
  for (const { key, content } of late) {
    const text = `${key}\n${content}`;
    if (!lateIds.has(text)) lateIds.set(text, lateIds.size);
    take(lateIds.get(text)!);
  }
  into.high = finished(a);
  into.low = finished(b ^ Math.imul(a, 0x27d4eb2f));
  // Zero marks a free place.
  if (into.high === 0 && into.low === 0) into.low = 1;
}

function finished(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
