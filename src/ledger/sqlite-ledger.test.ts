import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ledgerContract } from "../../test/contracts/ledger-contract.ts";
import { openSqliteLedger } from "./sqlite-ledger.ts";

ledgerContract("SQLite ledger", async () => {
  const folder = await mkdtemp(join(tmpdir(), "landfall-ledger-"));
  const ledger = await openSqliteLedger({ path: join(folder, "ledger.db") });
  return {
    ledger,
    dispose: async () => {
      await ledger.close();
      await rm(folder, { recursive: true });
    },
  };
});
