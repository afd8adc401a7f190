import type { Observation } from "../ledger/ledger.ts";
import type { Source } from "./source.ts";

/** A source that is a map: for the exhaustive check of the exactly-once rules. */
export function memorySource(objects: Map<string, Observation>, location = "memory:source"): Source {
  return {
    location,
    async *list() {
      const found = [...objects.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
      if (found.length > 0) yield { objects: found, unreadable: [] };
    },
    look: async (key) => objects.get(key),
    lies: async (key) => objects.get(key),
    path: (key) => `/${key}`,
    readable: () => true,
  };
}
