/** An engine for a look: it starts when it is needed, and what it writes lies in the system's folder for temporary files. */
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { childEngine } from "../engine/child-engine.ts";
import type { Engine } from "../engine/engine.ts";

const MEMORY = 1024 ** 3;
const SPILL = 10 * 1024 ** 3;

/** Runs with both and takes both away, whatever happens. */
export async function withScratchEngine<T>(
  run: (scratch: { readonly engine: Engine; readonly scratchFolder: string }) => Promise<T>,
): Promise<T> {
  const scratchFolder = await mkdtemp(join(tmpdir(), "landfall-"));
  const engine = childEngine({
    memoryBytes: MEMORY,
    threads: availableParallelism(),
    spillFolder: join(scratchFolder, "engine"),
    spillBytes: SPILL,
  });
  try {
    return await run({ engine, scratchFolder });
  } finally {
    await engine.close();
    await rm(scratchFolder, { recursive: true, force: true });
  }
}
