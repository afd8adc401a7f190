/** A program that changes a table and kills itself at a named point: its arguments are the point, the how many-th time, the table and the change. */
import process from "node:process";
import { onFaultPoint } from "../../src/base/fault-point.ts";
import { openTable } from "../../src/write/open-table.ts";

const [point, nth, place, change] = process.argv.slice(2) as [string, string, string, string];
const { set, where } = JSON.parse(change) as { set?: Record<string, string>; where: string };
let met = 0;
onFaultPoint((name) => {
  if (name === point && ++met === Number(nth)) process.kill(process.pid, "SIGKILL");
});
const table = openTable(place, { threads: 1 });
await (set === undefined ? table.delete({ where }) : table.update({ set, where }));
await table.close();
