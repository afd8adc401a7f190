/**
 * The marker of a file that was archived, deleted or moved goes with it. It is taken as files are, by a rename into the holding folder,
 * and compared then: where a file lies under the name again, the marker may be that one's, and goes back. A process that dies on the way
 * leaves the marker held, and the next start gives it back; a marker that is left behind does no harm, since it speaks for nothing newer.
 */
import { messageOf } from "../base/landfall-error.ts";
import { decodePathBytes } from "../base/path-bytes.ts";
import type { HeldFile, HoldingFolder } from "../sources/holding-folder.ts";
import type { Source } from "../sources/source.ts";
import { syncFolder } from "../storage/durable-file.ts";
import { folderOf } from "../storage/make-folder.ts";
import type { PipelineContext } from "./pipeline-context.ts";
import { placeFile } from "./place-file.ts";
import type { TidiedFile } from "./tidy-held.ts";

/** What fails is a warning, and the marker lies where it lay. Undefined where no file has a marker of its own. */
export function markersOf(
  context: PipelineContext,
  { source, holding }: { readonly source: Source; readonly holding: HoldingFolder },
): ((files: readonly TidiedFile[]) => Promise<void>) | undefined {
  const { markerOf } = source;
  if (markerOf === undefined) return undefined;
  return async (files) => {
    const taken: HeldFile[] = [];
    for (const { held: file, placement } of files) {
      const key = markerOf(file.key);
      let held: HeldFile | undefined;
      try {
        held = await holding.taker(file)(key);
        if (held === undefined) continue;
        taken.push(held);
        const isNew = (await source.lies(file.key)) !== undefined;
        if (isNew || !(await place(context, { holding, held, folder: placement.folder })))
          await holding.giveBack(held);
        else await holding.remove(held);
      } catch (error) {
        context.emit({ type: "tidy.failed", key, reason: messageOf(error) });
        if (held !== undefined) await holding.giveBack(held).catch(() => {});
      }
    }
    await holding.sync(taken);
  };
}

/** False for what is no plain file: it is not ours to move. */
async function place(
  context: PipelineContext,
  options: {
    readonly holding: HoldingFolder;
    readonly held: HeldFile;
    /** Undefined: it is deleted. */
    readonly folder: string | undefined;
  },
): Promise<boolean> {
  const { holding, held, folder } = options;
  const found = await holding.look(held);
  if (found === undefined) return false;
  if (folder === undefined) return true;
  const { key } = held;
  const { path } = await placeFile({
    from: held.path,
    folder,
    key,
    generation: found.generation,
    id: context.newId(),
  });
  await syncFolder(decodePathBytes(folderOf(path)));
  return true;
}
