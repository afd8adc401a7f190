/** A program that changes a table and kills itself at a named point: its arguments are the point, the how many-th time, the table and the change. */
import process from "node:process";
import { onFaultPoint } from "../../src/base/fault-point.ts";
import type { MergeOptions } from "../../src/write/merge/merge-options.ts";
import { openTable } from "../../src/write/open-table.ts";
import type { RowToWrite } from "../../src/write/source/row-source.ts";

const [point, nth, place, change] = process.argv.slice(2) as [string, string, string, string];
interface Change {
  readonly set?: Record<string, string>;
  readonly where: string;
  readonly merge?: { readonly rows: readonly RowToWrite[]; readonly options: MergeOptions };
}

const { set, where, merge } = JSON.parse(change) as Change;
let met = 0;
onFaultPoint((name) => {
  if (name === point && ++met === Number(nth)) process.kill(process.pid, "SIGKILL");
});
const table = openTable(place, { threads: 1 });
if (merge !== undefined) await table.merge(merge.rows, merge.options);
else await (set === undefined ? table.delete({ where }) : table.update({ set, where }));
await table.close();
