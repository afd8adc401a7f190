import { LandfallError } from "../base/landfall-error.ts";
import type { Storage } from "../storage/storage.ts";

/** For whoever looks at a table where there is none. */
export function tableMissing(storage: Pick<Storage, "location">): LandfallError {
  return new LandfallError("TABLE_MISSING", {
    message: `There is no Delta table at ${storage.location}.`,
    hint: "Check the path; it is the folder that holds _delta_log. A pipeline makes its table with the first files that it reads.",
    table: storage.location,
  });
}
