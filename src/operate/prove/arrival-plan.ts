/** What arrives in a scratch source, wave by wave. Pure: a seed gives the same bytes again. */
import { gzipSync } from "node:zlib";
import { scratchFile, scratchKey, type ScratchData } from "./scratch-data.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** One thing that happens to the source. */
export type SourceChange =
  | { readonly kind: "write"; readonly key: string; readonly content: Buffer }
  | { readonly kind: "remove"; readonly key: string }
  /** Same bytes, newer modification. */
  | { readonly kind: "touch"; readonly key: string };

const FOLDERS = ["", "north/", "north/berth-1/", "south/"];

/** The first arrivals: files in several folders, two with broken lines, one gzip, one gzip that is cut off. */
export function firstWave(data: ScratchData, random: SeededRandom): readonly SourceChange[] {
  const changes: SourceChange[] = [];
  for (let index = 0; index < 9; index++) {
    const key = scratchKey(data, FOLDERS[index % FOLDERS.length]!, `a${index}`);
    const broken = index === 1 || index === 6;
    changes.push(write(key, scratchFile(data, random, { name: `a${index}`, broken })));
  }
  const zipped = gzipSync(scratchFile(data, random, { name: "z0", broken: false }));
  const damaged = zipped.subarray(0, zipped.length - 12);
  changes.push(write(`${scratchKey(data, "south/", "z0")}.gz`, zipped));
  changes.push(write(`${scratchKey(data, "north/", "z1")}.gz`, damaged));
  return changes;
}

/** Late files with a new column, and what happens to files that were read: overwritten, grown, touched, removed. */
export function laterWave(
  data: ScratchData,
  random: SeededRandom,
  contentOf: (key: string) => Buffer | undefined,
): readonly SourceChange[] {
  const changes: SourceChange[] = [];
  for (let index = 0; index < 6; index++) {
    const key = scratchKey(data, FOLDERS[(index + 1) % FOLDERS.length]!, `b${index}`);
    const broken = index === 2 || index === 3;
    changes.push(write(key, scratchFile(data, random, { name: `b${index}`, broken, late: index > 2 })));
  }
  const growing = scratchKey(data, "", "a0");
  const before = contentOf(growing) ?? Buffer.alloc(0);
  const other = scratchFile(data, random, { name: "a1-again", broken: false });
  const more = scratchFile(data, random, { name: "a0-more", broken: false, continued: true });
  changes.push(
    write(scratchKey(data, "north/", "a1"), other),
    write(growing, Buffer.concat([before, more])),
    { kind: "touch", key: scratchKey(data, "north/berth-1/", "a2") },
    { kind: "remove", key: scratchKey(data, "south/", "a3") },
    write(`${scratchKey(data, "south/", "z2")}.gz`, Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3])),
  );
  return changes;
}

/** What happens between a kill and the run that heals it: files change, vanish and arrive while nobody looks. */
export function meanwhile(
  data: ScratchData,
  random: SeededRandom,
  keys: readonly string[],
  round: string,
): readonly SourceChange[] {
  const changes: SourceChange[] = [];
  if (random.chance(0.5))
    changes.push(write(random.pick(keys), scratchFile(data, random, { name: `m${round}`, broken: false })));
  if (random.chance(0.3)) changes.push({ kind: "remove", key: random.pick(keys) });
  if (random.chance(0.5))
    changes.push(
      write(
        scratchKey(data, "late/", `m${round}`),
        scratchFile(data, random, { name: `n${round}`, broken: true }),
      ),
    );
  return changes;
}

function write(key: string, content: Buffer): SourceChange {
  return { kind: "write", key, content };
}
