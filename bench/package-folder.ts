/** Where the benches keep what they make. */
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Made once and kept: `$LANDFALL_BENCH`, else a folder in the temporary one. */
export function benchFolder(): string {
  return process.env["LANDFALL_BENCH"] ?? join(tmpdir(), "landfall-bench");
}

/** Where the package lies that `buildLandfall` makes. */
export function packageFolder(): string {
  return join(benchFolder(), "package");
}
