/** Instances in which two batches become one file; a part of `scenarios.ts`. */
import type { Scenario } from "./scenario.ts";

const COMPACTING = { files: [0, 0], maxFiles: 1, compaction: true } as const;
const TWO_HOSTS = [0, 1];
const ZOMBIE = [0, 0];

export const COMPACTION_SCENARIOS: readonly Scenario[] = [
  { ...COMPACTING, name: "compaction, crash", size: "small", crash: 1 },
  { ...COMPACTING, name: "compaction, late put", size: "small", lost: 1, late: 1 },
  { ...COMPACTING, name: "compaction, crashes", size: "medium", crash: 2, runs: [2] },
  { ...COMPACTING, name: "compaction, late put, crash", size: "medium", crash: 1, lost: 1, late: 1 },
  { ...COMPACTING, name: "compaction, lost ledger", size: "medium", crash: 1, loss: 1 },
  { ...COMPACTING, name: "compaction, foreign", size: "medium", crash: 1, foreign: 1 },
  { ...COMPACTING, name: "compaction, all puts", size: "medium", crash: 1, lost: 1, lostPuts: "all" },
  { ...COMPACTING, name: "compaction, three files", size: "medium", files: [0, 0, 0], crash: 2 },
  { ...COMPACTING, name: "compaction, folding", size: "medium", fold: 1, crash: 2 },
  { ...COMPACTING, name: "two hosts, compaction", size: "large", hosts: TWO_HOSTS, switches: 2 },
  {
    ...COMPACTING,
    name: "two hosts, compaction, late put",
    size: "large",
    hosts: TWO_HOSTS,
    switches: 2,
    lost: 1,
    late: 1,
  },
  {
    ...COMPACTING,
    name: "two hosts, compaction, crash",
    size: "large",
    hosts: TWO_HOSTS,
    switches: 2,
    crash: 1,
  },
  { ...COMPACTING, name: "zombie, compaction", size: "large", hosts: ZOMBIE, switches: 2 },
];
