/** Runs one write of a table and kills itself at a fault point: `node write-until-killed.ts TABLE OPERATION POINT`. */
import process from "node:process";
import { onFaultPoint } from "../../src/base/fault-point.ts";
import { createTable } from "../../src/write/create-table.ts";
import { openTable } from "../../src/write/open-table.ts";

const [folder, operation, point] = process.argv.slice(2) as [string, string, string];
const LIMITS = { threads: 1, memory: "256m" };
const ROWS = [
  { id: 2, part: "a" },
  { id: 3, part: "b" },
];
const txn = { appId: "killed", version: 1 };

onFaultPoint((name) => {
  if (name === point) process.kill(process.pid, "SIGKILL");
});
if (operation === "create") {
  await (await createTable(folder, { schema: "id BIGINT, part STRING", ...LIMITS })).close();
} else {
  await using table = openTable(folder, LIMITS);
  if (operation === "append") await table.append(ROWS, { txn });
  else await table.overwrite(ROWS, { txn });
}
