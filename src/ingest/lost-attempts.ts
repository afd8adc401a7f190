/**
 * What lost attempts leave behind: data files, rejects, manifests, writes that were cut off. Files of a lost attempt for a number are
 * removed only once that number is committed under another batchId: until then a process that was paused may still commit them
 * (exactly-once rules, §3). They are found by their manifests, which stand before the files that they name, so that nothing of an
 * attempt is forgotten whoever made it, and when.
 */
import { faultPoint } from "../base/fault-point.ts";
import { isLandfallError, messageOf } from "../base/landfall-error.ts";
import { storageKeyOfPath } from "../delta/add-path.ts";
import { LOG_FOLDER } from "../delta/log-files.ts";
import type { BatchNames } from "./batch-names.ts";
import { foldedReader } from "./folded-batches.ts";
import { parseManifest, type Manifest } from "./manifest.ts";
import type { PipelineContext } from "./pipeline-context.ts";
import {
  batchesFolder,
  batchPrefix,
  compactionsFolder,
  decisionsFolder,
  foldedVacatesFolder,
  manifestKey,
  parseBatchName,
  pipelineKey,
  relocationsFolder,
  vacatedFolder,
} from "./state-keys.ts";

type StateAccess = Pick<PipelineContext, "name" | "emit"> & {
  readonly table: Pick<PipelineContext["table"], "storage">;
};

/** Numbers with a manifest that has no done mark of its own: lost attempts, a batch that nobody has settled yet, or a folded one. */
export function unmarkedNumbers({ manifests, done }: BatchNames): readonly number[] {
  const unmarked = manifests.filter(({ number, batchId }) => done.get(number)?.includes(batchId) !== true);
  return [...new Set(unmarked.map(({ number }) => number))];
}

/**
 * Removes everything of the lost attempts for a number. Does nothing while neither a done mark nor a file of folded batches says who won
 * it. A failure is a note: the next start tries again.
 */
export async function removeLostAttempts(context: PipelineContext, number: number): Promise<void> {
  const { storage } = context.table;
  await asNote(context, `Files of a lost attempt for batch ${number} could not be removed`, async () => {
    const attempts = new Map<string, string>();
    const won = new Set<string>();
    for await (const { key } of storage.list({ prefix: batchPrefix(context.name, number) })) {
      const name = parseBatchName(key);
      if (name?.kind === "done") won.add(name.batchId);
      else if (name !== undefined) attempts.set(name.batchId, key);
    }
    // What was folded has no mark any more. The marks first: a mark goes only once the file stands.
    const winner = won.size > 0 ? undefined : await foldedReader(storage, context.name).find(number);
    if (winner !== undefined) won.add(winner.batchId);
    if (won.size === 0) return;
    for (const [batchId, key] of attempts) {
      if (won.has(batchId)) continue;
      const file = `${storage.location}/${key}`;
      await removeAttempt(context, parseManifest(await storage.get(key), { file, number, batchId }));
    }
  });
}

/** Removes an attempt of this process whose number was committed under another batchId. A failure is a note. */
export async function removeOwnAttempt(context: PipelineContext, lost: Manifest): Promise<void> {
  await asNote(context, `Files of the lost attempt for batch ${lost.number} could not be removed`, () =>
    removeAttempt(context, lost),
  );
}

/** The manifest last: as long as it is there, what it names is found again. */
async function removeAttempt(context: PipelineContext, lost: Manifest): Promise<void> {
  const { storage } = context.table;
  faultPoint("lost.before");
  const named = lost.dataFiles.map((file) => storageKeyOfPath(file.path));
  for (const key of [...named, lost.rejects?.path]) {
    if (key === undefined) continue;
    await storage.delete(key);
    await storage.removeLeftovers(key);
  }
  faultPoint("lost.removed");
  await storage.delete(manifestKey(context.name, lost.number, lost.batchId));
}

/**
 * Removes writes that were cut off in places where every write is repeated when its temporary file goes missing: the log and the
 * small files of state. To be called when a run starts. A failure is a note.
 */
export async function removeCutOffWrites(context: StateAccess): Promise<void> {
  await asNote(context, "Writes that were cut off could not be removed", async () => {
    const { name } = context;
    const places = [
      batchesFolder,
      compactionsFolder,
      decisionsFolder,
      foldedVacatesFolder,
      pipelineKey,
      relocationsFolder,
      vacatedFolder,
    ];
    for (const prefix of [LOG_FOLDER, ...places.map((of) => of(name))])
      await context.table.storage.removeLeftovers(prefix);
  });
}

/** Tidying never fails a run: what is left stands in the summary, and is met again at the next start. */
async function asNote(
  context: Pick<PipelineContext, "emit">,
  text: string,
  tidy: () => Promise<void>,
): Promise<void> {
  try {
    await tidy();
  } catch (error) {
    if (isLandfallError(error, "ABORTED")) throw error;
    context.emit({ type: "note", text: `${text}: ${messageOf(error)}` });
  }
}
