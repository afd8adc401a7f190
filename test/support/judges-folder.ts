import { homedir } from "node:os";
import { join } from "node:path";

/** Where tools/judges/install.sh puts the judges: `$LANDFALL_JUDGES`, else the cache folder. */
export function judgesFolder(): string {
  return process.env["LANDFALL_JUDGES"] ?? join(homedir(), ".cache/landfall/judges");
}
