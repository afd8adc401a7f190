/** What each command's exit codes 0 and 1 say, for docs/reference/cli.md. The others mean the same everywhere. */

export interface CommandExitCodes {
  readonly done: string;
  /** Left out: it never ends with 1. */
  readonly needsPerson?: string;
}

const LOOKED: CommandExitCodes = { done: "the answer is on stdout, whatever it is" };
const PRINTED: CommandExitCodes = { done: "printed" };
const RAN: CommandExitCodes = {
  done: "everything that was new is in the table",
  needsPerson:
    "done, but something needs a person: a file was quarantined, overwritten or has grown, or rows were rejected; or a limit or mode of the declaration stopped it",
};

/** By the words of the command. */
export const COMMAND_EXIT_CODES: Readonly<Record<string, CommandExitCodes>> = {
  ingest: RAN,
  run: RAN,
  init: { done: "the declaration was written" },
  check: {
    done: "a run would end with 0, as far as the sample shows",
    needsPerson: "a run would go through and end with 1; with 2, 3 or 4 what would stop it",
  },
  status: {
    done: "the answer is on stdout, whatever it is; with --health: every pipeline is well",
    needsPerson: "with --health: one is not",
  },
  "files list": LOOKED,
  "files show": {
    done: "the file is known",
    needsPerson: "no pipeline has seen it, or the name fits several",
  },
  "files rejected": LOOKED,
  "files retry": { done: "changed as asked, or nothing was to change" },
  "files forget": { done: "changed as asked, or nothing was to change" },
  "files relocate": {
    done: "the source is where it was said to be; every file that was read lies there, or was taken away by Landfall",
    needsPerson: "files that were read have changed or are missing there, each named",
  },
  "files adopt": {
    done: "every file of the list is adopted, or was before",
    needsPerson: "some of the list are not, each with the reason",
  },
  query: LOOKED,
  verify: {
    done: "no fault; the summary says `proved`, or what cannot be proved",
    needsPerson: "there are faults; they are listed",
  },
  "table show": LOOKED,
  "table history": LOOKED,
  "table schema": LOOKED,
  "table query": LOOKED,
  "table changes": LOOKED,
  "table check": { done: "nothing is wrong", needsPerson: "something is; each finding is listed" },
  "table compare": LOOKED,
  "table optimize": { done: "what gained by it is written anew, or nothing would gain" },
  "table vacuum": { done: "what was not needed is gone, or nothing was to go" },
  "table restore": { done: "restored, or the table was like that already" },
  "table checkpoint": { done: "the checkpoint stands" },
  prove: {
    done: "every row stood once after every kill",
    needsPerson: "something was lost, doubled or left over, or a point was never hit",
  },
  schema: PRINTED,
  completion: PRINTED,
};
