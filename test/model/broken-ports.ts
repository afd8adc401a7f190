/** Ports with some methods replaced, for deliberate breakages. */
import type { Ledger } from "../../src/ledger/ledger.ts";
import type { Storage } from "../../src/storage/storage.ts";
import type { Ports } from "./scenario.ts";

export function withLedger(ports: Ports, change: Partial<Ledger>): Ports {
  const ledger = new Proxy(ports.ledger, {
    get: (whole, method: keyof Ledger) => change[method] ?? whole[method],
  });
  return { ...ports, ledger };
}

export function withStorage(ports: Ports, change: Partial<Storage>): Ports {
  return { ...ports, storage: { ...ports.storage, ...change } };
}
