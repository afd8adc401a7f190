/** The inputs of the benches, each made once and kept: a folder that stands is whole. */
import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { copyFile, link, mkdir, readdir, readFile, rename, rm, unlink, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { seededRandom } from "../examples/generate/random.ts";
import { PLANTED, plantValues } from "./planted.ts";
import { TELEMETRY_VERSION, telemetryRow, writeTelemetry } from "./telemetry.ts";

const SEED = 20_260_301;

/** A folder below `cache` that `make` fills when it is not there yet; one that was interrupted is made again. */
export async function kept(
  cache: string,
  name: string,
  make: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = join(cache, `${name}-v${TELEMETRY_VERSION}`);
  if (existsSync(folder)) return folder;
  const making = `${folder}.making`;
  await rm(making, { recursive: true, force: true });
  await mkdir(making, { recursive: true });
  await make(making);
  await rename(making, folder);
  return folder;
}

/** Rows in files, as one listing sees them. */
export function cleanRows(cache: string, rows: number, files: number): Promise<string> {
  return kept(cache, `rows-${rows}-in-${files}`, async (folder) => {
    await writeTelemetry({ folder, rows, files, seed: SEED });
  });
}

/** The same with the planted values; files without one are the same files. */
export async function plantedRows(cache: string, rows: number, files: number): Promise<string> {
  const clean = await cleanRows(cache, rows, files);
  return kept(cache, `rows-${rows}-in-${files}-planted`, async (folder) => {
    const names = (await readdir(clean)).sort();
    for (const name of names) await link(join(clean, name), join(folder, name));
    // A changed file must not be changed under its other name.
    for (const { fromEnd } of PLANTED) {
      const name = names.at(-fromEnd)!;
      await unlink(join(folder, name));
      await writeFile(join(folder, name), await readFile(join(clean, name)));
    }
    await plantValues(folder, names);
  });
}

/** The clean rows as one gzip file. */
export async function gzippedRows(cache: string, rows: number): Promise<string> {
  const plain = await cleanRows(cache, rows, 1);
  return kept(cache, `rows-${rows}-gzip`, async (folder) => {
    const [name] = await readdir(plain);
    await pipeline(
      createReadStream(join(plain, name!)),
      createGzip(),
      createWriteStream(join(folder, `${name}.gz`)),
    );
  });
}

/** One row a file. */
export function smallFiles(cache: string, files: number): Promise<string> {
  return kept(cache, `small-${files}`, async (folder) => {
    const random = seededRandom(SEED);
    for (let i = 0; i < files; i++) {
      await writeFile(smallFilePath(folder, i), `${telemetryRow(random, i)}\n`);
    }
  });
}

export function smallFilePath(folder: string, ordinal: number): string {
  return join(folder, `event-${String(ordinal).padStart(6, "0")}.json`);
}

/** A table under another path: its log is copied, and its data files, which nobody writes into, are linked. To copy gigabytes disturbs what comes after. */
export async function linkTable(table: string, to: string): Promise<void> {
  for (const entry of await readdir(table, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const from = join(entry.parentPath, entry.name);
    const path = join(to, relative(table, from));
    await mkdir(dirname(path), { recursive: true });
    const isData = path.endsWith(".parquet") && basename(dirname(path)) !== "_delta_log";
    await (isData ? link(from, path) : copyFile(from, path));
  }
}

/** Reads everything below a folder once, so that no contender pays for the disk. */
export async function warm(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    for await (const chunk of createReadStream(join(entry.parentPath, entry.name), {
      highWaterMark: 4 * 1024 ** 2,
    }))
      void chunk;
  }
}
