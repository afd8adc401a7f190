/** Brings Parquet files within the engine's reach, under names of our making, and reads their footers. */
import { mkdir, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { decodePathBytes } from "../base/path-bytes.ts";
import type { StageFile, StageRequest } from "./engine.ts";
import type { FoundParquet, ParquetPart } from "./found-parquet.ts";
import { copyWithoutZones, FooterFaultError } from "./instants-in-nanoseconds.ts";
import { inOrderOfKeys } from "./order-of-keys.ts";
import { readFooters, type FooterFault, type ParquetFooter } from "./parquet-footers.ts";
import { partFault, type IncomingParquet } from "./parquet-schemas.ts";
import type { StageContext } from "./stage-text.ts";

/**
 * Links and footers of the files, or members, that have no fault yet, in the order of their keys; new faults are added. `found` is by the
 * files' keys. What is wrong with one member is so of its archive.
 */
export async function openParquet(
  request: StageRequest,
  context: StageContext,
  options: { readonly faults: Map<string, string>; readonly found: ReadonlyMap<string, FoundParquet> },
): Promise<IncomingParquet[]> {
  const { faults, found } = options;
  const inputs = join(request.scratchFolder, "inputs");
  await mkdir(inputs, { recursive: true, mode: 0o700 });
  const links = new Map<string, { readonly file: StageFile; readonly part: ParquetPart }>();
  for (const file of inOrderOfKeys(request.files.filter(({ key }) => !faults.has(key)))) {
    for (const part of found.get(file.key)!.parts) {
      const link = join(inputs, `link-${links.size}.parquet`);
      await symlink(decodePathBytes(part.path), link);
      links.set(link, { file, part });
    }
  }
  const { duckdb, signal } = context;
  const { maxColumns, maxDepth } = request.limits;
  const footers = await readFooters({ duckdb, paths: [...links.keys()], maxColumns, maxDepth, signal });
  const incoming: IncomingParquet[] = [];
  for (const footer of footers) {
    const { file, part } = links.get(footer.path)!;
    signal?.throwIfAborted();
    const readable = "damage" in footer ? footer : await inReach(footer, decodePathBytes(part.path));
    if ("damage" in readable) faults.set(file.key, partFault(part.member, readable.damage));
    else {
      const copy =
        part.isCopy === true
          ? { path: decodePathBytes(part.path).toString("utf8"), bytes: found.get(file.key)!.bytes }
          : undefined;
      incoming.push({ file, member: part.member, footer: readable, copy });
    }
  }
  return incoming.filter(({ file }) => !faults.has(file.key));
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
