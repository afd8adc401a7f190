/** A DuckDB of the engine's settings for a test of SQL, which is gone when the test ends. */
import { join } from "node:path";
import { openDuckdb, type Duckdb } from "../../src/engine/duckdb.ts";
import { temporaryFolder } from "./temporary-folder.ts";

export async function scratchDuckdb(t: { after(clean: () => void): void }): Promise<Duckdb> {
  const folder = temporaryFolder(t);
  const instance = await openDuckdb({
    spillFolder: join(folder, "spill"),
    threads: 1,
    memoryBytes: 512 * 1024 ** 2,
    spillBytes: 1024 ** 3,
  });
  const session = await instance.session();
  t.after(() => {
    session.close();
    instance.close();
  });
  return session;
}
