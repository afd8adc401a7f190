/** Brings Parquet files within the engine's reach, under names of our making, and reads their footers. */
import { mkdir, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { decodePathBytes } from "../base/path-bytes.ts";
import type { StageFile, StageRequest } from "./engine.ts";
import { copyWithoutZones, FooterFaultError } from "./instants-in-nanoseconds.ts";
import { inOrderOfKeys } from "./order-of-keys.ts";
import { readFooters, type FooterFault, type ParquetFooter } from "./parquet-footers.ts";
import type { IncomingParquet } from "./parquet-schemas.ts";
import type { StageContext } from "./stage-text.ts";

/** Links and footers of the files that have no fault yet, in the order of their keys; new faults are added. */
export async function openParquet(
  request: StageRequest,
  context: StageContext,
  { faults, made }: { readonly faults: Map<string, string>; readonly made: ReadonlyMap<string, string> },
): Promise<IncomingParquet[]> {
  const inputs = join(request.scratchFolder, "inputs");
  await mkdir(inputs, { recursive: true, mode: 0o700 });
  const links = new Map<string, StageFile>();
  const pathOf = (file: StageFile): Buffer => decodePathBytes(made.get(file.key) ?? file.copy ?? file.path);
  const byKey = inOrderOfKeys(request.files.filter((file) => !faults.has(file.key)));
  for (const [rank, file] of byKey.entries()) {
    const link = join(inputs, `link-${rank}.parquet`);
    await symlink(pathOf(file), link);
    links.set(link, file);
  }
  const { duckdb, signal } = context;
  const { maxColumns } = request.limits;
  const footers = await readFooters({ duckdb, paths: [...links.keys()], maxColumns, signal });
  const incoming: IncomingParquet[] = [];
  for (const footer of footers) {
    const file = links.get(footer.path)!;
    signal?.throwIfAborted();
    const readable = "damage" in footer ? footer : await inReach(footer, pathOf(file));
    if ("damage" in readable) faults.set(file.key, readable.damage);
    else incoming.push({ file, footer: readable });
  }
  return incoming;
}

/** The footer of what the engine is to read: of the file, or of a copy where the engine would cut its nanoseconds. */
async function inReach(footer: ParquetFooter, from: Buffer): Promise<ParquetFooter | FooterFault> {
  if (footer.instantsInNanos === 0) return footer;
  const path = footer.path.replace(/\/link-(\d+)\.parquet$/, "/copies/link-$1.parquet");
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  try {
    const changed = await copyWithoutZones({ from, to: path });
    if (changed === footer.instantsInNanos) return { ...footer, path };
    return { path, damage: "Parquet: its footer names other columns than the engine reads" };
  } catch (error) {
    if (error instanceof FooterFaultError) return { path, damage: `Parquet: ${error.message}` };
    throw error;
  }
}
