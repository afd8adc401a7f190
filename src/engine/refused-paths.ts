/** Files whose paths say what their columns do not hold: they are quarantined, unread. */
import type { StagedFile, StageFile } from "./engine.ts";
import { pathFault, type OwnColumn } from "./own-columns.ts";
import { quarantined } from "./quarantined.ts";
import type { StageContext } from "./stage-text.ts";

/** Those files with the reason. */
export function pathFaults(
  files: readonly StageFile[],
  own: readonly OwnColumn[],
  readerCaseSensitive: boolean,
): Map<StageFile, string> {
  const faults = new Map<StageFile, string>();
  for (const file of files) {
    const fault = pathFault(own, file, readerCaseSensitive);
    if (fault !== undefined) faults.set(file, fault);
  }
  return faults;
}

/** Of files that are not read the bytes are still looked at: the manifest names them. */
export async function setAside(
  faults: ReadonlyMap<StageFile, string>,
  context: StageContext,
): Promise<Map<StageFile, StagedFile>> {
  if (faults.size === 0) return new Map();
  const files = [...faults.keys()];
  const [looked] = await context.pool.run(
    [{ kind: "look", files: files.map((file, rank) => ({ rank, ...file })) }],
    { signal: context.signal },
  );
  return new Map(
    files.map((file, rank) => {
      const { bytes, crc32 } = looked!.files[rank]!;
      return [file, quarantined({ key: file.key, bytes, crc32 }, faults.get(file)!)];
    }),
  );
}
