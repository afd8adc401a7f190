/** What a program that goes on for months asks of V8. Only for the command line: the flags of a process belong to its program. */
import { setFlagsFromString } from "node:v8";

/**
 * The heap stays close to what lives in it: V8 else lets it grow to several times that after a burst (a large folder, a folding), and keeps
 * it. Collecting more often costs time where much is allocated, so it is asked for once the first round has read what lay there.
 */
export function keepHeapSmall(): void {
  setFlagsFromString("--optimize-for-size");
}
