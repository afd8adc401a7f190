/** The instances that are checked: small enough to walk through whole, each with the faults that its name says. */
import type { Scenario } from "./scenario.ts";

const TWO_HOSTS = [0, 1];
/** Two processes on one ledger: the lock only saves work, so a paused one may wake up at any time. */
const ZOMBIE = [0, 0];

export const SCENARIOS: readonly Scenario[] = [
  { name: "one process, crash", files: [0, 0], crash: 1 },
  { name: "one process, crashes", files: [0], generations: 2, crash: 2, source: 1, lost: 1, late: 1 },
  { name: "one process, late put", files: [0], crash: 1, lost: 1, late: 1 },
  { name: "one process, changes", files: [0, -1], generations: 2, crash: 1, source: 2 },
  { name: "one process, two batches", files: [0, 0], maxFiles: 1, crash: 2, lost: 1, late: 1 },
  { name: "one process, all puts", files: [0, 0], crash: 1, lost: 2, lostPuts: "all" },
  {
    name: "one process, append",
    files: [0],
    generations: 3,
    crash: 1,
    source: 3,
    lost: 1,
    onOverwrite: "append",
  },
  { name: "vanish and return", files: [0], crash: 1, source: 3 },
  { name: "quarantine", files: [0], generations: 2, poison: ["a.0"], crash: 1, source: 2, lost: 1 },
  { name: "lost ledger", files: [0, -1], crash: 1, source: 1, loss: 1, lost: 1 },
  { name: "lost ledger, late put", files: [0], lost: 1, late: 1, crash: 1, loss: 1 },
  { name: "lost ledger, three batches", files: [0, 0, 0], maxFiles: 1, crash: 1, loss: 1 },
  { name: "restored ledger", files: [0, -1], crash: 1, source: 1, backup: 1, runs: [2] },
  { name: "foreign commits", files: [0, 0], maxFiles: 1, crash: 1, foreign: 1, lost: 1 },
  { name: "clobber", files: [0], crash: 1, clobber: 1, lost: 1 },
  {
    name: "baseline, lost ledger",
    files: [0, -1],
    baseline: true,
    vanish: false,
    source: 1,
    crash: 1,
    loss: 1,
  },
  { name: "log trimmed", files: [0, 0], maxFiles: 1, trim: 1, crash: 2, loss: 1 },
  { name: "log trimmed, foreign", files: [0], foreign: 1, trim: 1, crash: 1, loss: 1 },
  {
    name: "log trimmed by others",
    files: [0, 0],
    maxFiles: 1,
    foreignTrim: 1,
    crash: 1,
    loss: 1,
    mayFail: ["HISTORY_LOST"],
  },
  { name: "two hosts", hosts: TWO_HOSTS, files: [0, -1], crash: 1, source: 1 },
  { name: "two hosts, lost answers", hosts: TWO_HOSTS, files: [0], lost: 1, late: 1, crash: 1 },
  { name: "two hosts, two batches", hosts: TWO_HOSTS, files: [0, 0], maxFiles: 1, crash: 1 },
  { name: "two hosts, overwrite", hosts: TWO_HOSTS, files: [0], generations: 2, source: 2 },
  {
    name: "two hosts, overwrite, append",
    hosts: TWO_HOSTS,
    files: [0],
    generations: 2,
    source: 2,
    onOverwrite: "append",
  },
  {
    name: "two hosts, quarantine",
    hosts: TWO_HOSTS,
    files: [0],
    generations: 2,
    poison: ["a.0"],
    source: 1,
    crash: 1,
  },
  { name: "two hosts, lost ledger", hosts: TWO_HOSTS, files: [0], loss: 1, source: 1 },
  { name: "two hosts, trimmed", hosts: TWO_HOSTS, files: [0, 0], maxFiles: 1, trim: 1 },
  { name: "two hosts, foreign", hosts: TWO_HOSTS, files: [0], foreign: 1, crash: 1 },
  {
    name: "baseline, two hosts",
    hosts: TWO_HOSTS,
    files: [0, -1],
    baseline: true,
    vanish: false,
    source: 1,
    crash: 1,
  },
  { name: "zombie", hosts: ZOMBIE, files: [0], crash: 1, lost: 1 },
  { name: "zombie, source", hosts: ZOMBIE, files: [0], source: 2 },
  { name: "zombie, late put, foreign", hosts: ZOMBIE, files: [0], lost: 1, late: 1, foreign: 1 },
  { name: "zombie, two batches", hosts: ZOMBIE, files: [0, 0], maxFiles: 1 },
];

/** @throws Error for a name that no scenario has */
export function scenarioCalled(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`no scenario is called ${name}`);
  return found;
}
