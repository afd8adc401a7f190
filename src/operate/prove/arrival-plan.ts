/** What arrives in a scratch source, wave by wave. Pure: a seed gives the same bytes again. */
import { gzipSync } from "node:zlib";
import type { SeededRandom } from "./seeded-random.ts";

/** One thing that happens to the source. */
export type SourceChange =
  | { readonly kind: "write"; readonly key: string; readonly content: Buffer }
  | { readonly kind: "remove"; readonly key: string }
  /** Same bytes, newer modification. */
  | { readonly kind: "touch"; readonly key: string };

const FOLDERS = ["", "north/", "north/berth-1/", "south/"];
const DAYS = ["2026-03-01", "2026-03-02", "2026-03-03"];

/** The first arrivals: files in several folders, two with broken lines, one gzip, one gzip that is cut off. */
export function firstWave(random: SeededRandom): readonly SourceChange[] {
  const changes: SourceChange[] = [];
  for (let index = 0; index < 9; index++) {
    const key = `${FOLDERS[index % FOLDERS.length]!}a${index}.ndjson`;
    changes.push(write(key, lines(random, `a${index}`, { broken: index === 1 || index === 6 })));
  }
  const zipped = gzipSync(lines(random, "z0", { broken: false }));
  changes.push({ kind: "write", key: "south/z0.ndjson.gz", content: zipped });
  changes.push({ kind: "write", key: "north/z1.ndjson.gz", content: zipped.subarray(0, zipped.length - 12) });
  return changes;
}

/** Late files with a new column, and what happens to files that were read: overwritten, grown, touched, removed. */
export function laterWave(
  random: SeededRandom,
  contentOf: (key: string) => Buffer | undefined,
): readonly SourceChange[] {
  const changes: SourceChange[] = [];
  for (let index = 0; index < 6; index++) {
    const key = `${FOLDERS[(index + 1) % FOLDERS.length]!}b${index}.ndjson`;
    const broken = index === 2 || index === 3;
    changes.push(write(key, lines(random, `b${index}`, { broken, extra: index > 2 })));
  }
  const grown = contentOf("a0.ndjson") ?? Buffer.alloc(0);
  changes.push(
    write("north/a1.ndjson", lines(random, "a1-again", { broken: false })),
    write("a0.ndjson", Buffer.concat([grown, lines(random, "a0-more", { broken: false })])),
    { kind: "touch", key: "north/berth-1/a2.ndjson" },
    { kind: "remove", key: "south/a3.ndjson" },
    { kind: "write", key: "south/z2.ndjson.gz", content: Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3]) },
  );
  return changes;
}

/** What happens between a kill and the run that heals it: files change, vanish and arrive while nobody looks. */
export function meanwhile(
  random: SeededRandom,
  keys: readonly string[],
  round: string,
): readonly SourceChange[] {
  const changes: SourceChange[] = [];
  if (random.chance(0.5))
    changes.push(write(random.pick(keys), lines(random, `m${round}`, { broken: false })));
  if (random.chance(0.3)) changes.push({ kind: "remove", key: random.pick(keys) });
  if (random.chance(0.5))
    changes.push(write(`late/m${round}.ndjson`, lines(random, `n${round}`, { broken: true })));
  return changes;
}

function write(key: string, content: Buffer): SourceChange {
  return { kind: "write", key, content };
}

function lines(
  random: SeededRandom,
  name: string,
  options: { readonly broken: boolean; readonly extra?: boolean },
): Buffer {
  const count = 3 + random.below(6);
  const rows: string[] = [];
  for (let index = 0; index < count; index++) {
    const extra = options.extra === true ? { gate: `g${index}` } : {};
    rows.push(
      JSON.stringify({ id: `${name}#${index}`, day: random.pick(DAYS), load: index * 1.5, ...extra }),
    );
    if (options.broken && index === 1) rows.push(`{"id": "${name}#torn, "day"`);
  }
  return Buffer.from(`${rows.join("\n")}\n`);
}
