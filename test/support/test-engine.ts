/** The engine of a test file: in its own process, if no other is asked for, with a place of its own to spill to. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { duckdbEngine } from "../../src/engine/duckdb-engine.ts";
import type { Engine, EngineOptions } from "../../src/engine/engine.ts";

/**
 * Closed after the file's last test. To be called once, outside of any test.
 *
 * @param options.memoryBytes default 512 MiB
 * @param options.make default in this process
 */
export function testEngine(
  options: { readonly memoryBytes?: number; readonly make?: (options: EngineOptions) => Engine } = {},
): Engine {
  const spill = mkdtempSync(join(tmpdir(), "landfall-test-"));
  const engine = (options.make ?? duckdbEngine)({
    memoryBytes: options.memoryBytes ?? 512 * 1024 ** 2,
    threads: 2,
    spillFolder: join(spill, "spill"),
    spillBytes: 1024 ** 3,
  });
  after(async () => {
    await engine.close();
    rmSync(spill, { recursive: true });
  });
  return engine;
}
