/**
 * A writer that behaves badly, as a process of its own: `node bad-writer.ts FOLDER SEED ROUNDS CROWD`. It writes slowly and in pieces, renames
 * into place, truncates and rewrites, touches, deletes and creates again, makes and removes folders, several things at a time, and a crowd
 * of files as fast as it can. Whatever it does, the rows of a file say which state of it they are of, and how many that state has. At the
 * end it prints one JSON document: what lies there, and what stood unfinished for so long that anybody would have taken it for finished.
 */
import {
  appendFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { seededRandom, type Random } from "../../examples/generate/random.ts";

export interface Written {
  /** Names of files that lie there at the end, as their rows say them. */
  readonly files: readonly string[];
  /** Of these, what cannot be judged: it stood unfinished for longer than a file is waited for. */
  readonly unfinished: readonly string[];
  /** Of the crowd. */
  readonly filesPerSecond: number;
}

/** Rows of one state of a file; `of` says how many there must be. */
function rows(file: string, state: number, of: number): string {
  return Array.from({ length: of }, (_, n) => `${JSON.stringify({ file, state, n, of })}\n`).join("");
}

type Habit = (options: {
  readonly path: string;
  readonly name: string;
  readonly random: Random;
  /** A pause in which the file is not finished. */
  readonly pause: (milliseconds: number) => Promise<void>;
}) => Promise<void>;

/** A file that stands unfinished for longer than half a second may be taken for finished: a busy machine makes such pauses. */
const SHORT_MS = 450;

/** Each leaves one file behind. */
const HABITS: Readonly<Record<string, Habit>> = {
  async atOnce({ path, name }) {
    writeFileSync(path, rows(name, 1, 3));
  },
  async slowly({ path, name, random, pause }) {
    const lines = rows(name, 1, 20);
    for (let at = 0; at < lines.length; at += 97) {
      appendFileSync(path, lines.slice(at, at + 97));
      await pause(random.between(0, 90, 0));
    }
  },
  async renamed({ path, name, random }) {
    // No pause of its writer is too long: the name says that it is not finished.
    writeFileSync(`${path}.tmp`, rows(name, 1, 2));
    await after(random.between(0, 900, 0));
    appendFileSync(`${path}.tmp`, rows(name, 1, 5).split("\n").slice(2).join("\n"));
    renameSync(`${path}.tmp`, path);
  },
  async truncated({ path, name, random, pause }) {
    writeFileSync(path, rows(name, 1, 9));
    await after(random.between(0, 1500, 0));
    truncateSync(path);
    await pause(random.between(0, 200, 0));
    writeFileSync(path, rows(name, 2, 4));
  },
  async touched({ path, name, random }) {
    writeFileSync(path, rows(name, 1, 2));
    await after(random.between(0, 2000, 0));
    const now = new Date();
    utimesSync(path, now, now);
  },
  async again({ path, name, random }) {
    writeFileSync(path, rows(name, 1, 6));
    await after(random.between(0, 2000, 0));
    rmSync(path);
    await after(random.between(0, 600, 0));
    writeFileSync(path, rows(name, 2, 7));
  },
  async grown({ path, name, random }) {
    writeFileSync(path, rows(name, 1, 2));
    await after(random.between(0, 2000, 0));
    // Whole lines of another state: what is read of it must not be mixed.
    writeFileSync(path, rows(name, 2, 5));
  },
  async inFolders({ path, name, random }) {
    const folder = `${path}.d`;
    mkdirSync(join(folder, "deep"), { recursive: true });
    writeFileSync(join(folder, "deep/passing.json"), rows(`${name}-passing`, 1, 2));
    await after(random.between(0, 900, 0));
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    const moved = `${path}.moved`;
    writeFileSync(join(folder, "last.json"), rows(name, 1, 3));
    renameSync(folder, moved);
  },
};

const WRITERS = 6;

async function write(options: {
  readonly folder: string;
  readonly writer: number;
  readonly seed: number;
  readonly rounds: number;
  readonly files: string[];
  readonly unfinished: Set<string>;
}): Promise<void> {
  const { folder, writer, files, unfinished } = options;
  const names = Object.keys(HABITS);
  const random = seededRandom(options.seed * WRITERS + writer);
  for (let i = 0; i < options.rounds; i++) {
    const habit = names[(i + writer) % names.length]!;
    const name = `${writer}-${i}-${habit}`;
    files.push(name);
    const home = join(folder, random.pick(["", `w${writer}`, `w${writer}/deep${i}`]));
    mkdirSync(home, { recursive: true });
    const pause = async (milliseconds: number): Promise<void> => {
      const began = performance.now();
      await after(milliseconds);
      if (performance.now() - began > SHORT_MS) unfinished.add(name);
    };
    await HABITS[habit]!({ path: join(home, `${name}.json`), name, random, pause });
    await after(random.between(0, 120, 0));
  }
}

/** As fast as the machine allows; answers how many a second. */
async function crowd(folder: string, count: number, files: string[]): Promise<number> {
  mkdirSync(join(folder, "crowd"));
  const began = performance.now();
  for (let i = 0; i < count; i++) {
    files.push(`crowd-${i}`);
    writeFileSync(join(folder, `crowd/${i}.json`), rows(`crowd-${i}`, 1, 1));
    // The others have their turns.
    if (i % 200 === 0) await after(0);
  }
  return Math.round(count / ((performance.now() - began) / 1000));
}

if (import.meta.main) {
  const [folder, ...numbers] = process.argv.slice(2) as [string, ...string[]];
  const [seed, rounds, size] = numbers.map(Number) as [number, number, number];
  const files: string[] = [];
  const unfinished = new Set<string>();
  const writers = Array.from({ length: WRITERS }, (_, writer) =>
    write({ folder, writer, seed, rounds, files, unfinished }),
  );
  const [filesPerSecond] = await Promise.all([crowd(folder, size, files), ...writers]);
  const written: Written = { files, unfinished: [...unfinished], filesPerSecond };
  process.stdout.write(`${JSON.stringify(written)}\n`);
}
