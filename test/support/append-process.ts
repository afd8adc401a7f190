/**
 * One of several processes that append to a table at once: `node append-process.ts TABLE WRITER`. It appends rows `(w, id)`, one a commit, until its
 * stdin ends, and then prints which version each was told to be, and how often it noticed that another writer had replaced one.
 */
import process from "node:process";
import { openTable } from "../../src/write/open-table.ts";

export interface AppendReport {
  /** Of the rows with the ids 0, 1, 2 and so on. */
  readonly versions: readonly number[];
  readonly noticed: number;
}

async function append(place: string, writer: number): Promise<AppendReport> {
  const ended = new AbortController();
  process.stdin.resume().once("end", () => ended.abort());
  const versions: number[] = [];
  let noticed = 0;
  const onNotice = ({ message }: { readonly message: string }): void => {
    if (/replaced version/.test(message)) noticed++;
  };
  await using table = openTable(place, { threads: 1, memory: "256m", onNotice });
  while (!ended.signal.aborted)
    versions.push((await table.append([{ w: writer, id: versions.length }]))!.version);
  return { versions, noticed };
}

if (process.argv[1] === import.meta.filename) {
  const [place, writer] = process.argv.slice(2);
  console.log(JSON.stringify(await append(place!, Number(writer))));
}
