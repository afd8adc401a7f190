/**
 * A pipeline under steady load, with the limits of a day in a minute: files land at an even rate, the log's files are made days older as they
 * lie there, and what the pipeline holds is sampled. At the end it is stopped as a service is, and `verify --data` counts every row.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, renameSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { seededRandom } from "../../src/operate/prove/seeded-random.ts";
import type { VerifyResult } from "../../src/operate/verify/verify.ts";
import { runLandfall, LANDFALL_BIN } from "../../test/support/run-landfall.ts";
import { judgeGrowth, type Growth, type Sample } from "./judge-growth.ts";
import { MEASURES, takeSample } from "./take-sample.ts";

export interface SoakOptions {
  /** An empty folder. */
  readonly folder: string;
  readonly seconds: number;
  /** Files a second. */
  readonly rate: number;
  readonly sampleSeconds: number;
  readonly seed: number;
  /** Files leave the source once they are read. */
  readonly archive: boolean;
  /** What passes for the 30 days of the log: files that are older are made days older. */
  readonly logSeconds: number;
  readonly onSample?: (sample: Sample) => void;
}

export interface SoakResult {
  readonly samples: readonly Sample[];
  readonly growths: readonly Growth[];
  readonly landed: { readonly files: number; readonly rows: number };
  readonly committedRows: number;
  readonly compactions: number;
  readonly verify: VerifyResult;
  /** What is wrong, in sentences. */
  readonly faults: readonly string[];
}

const NAME = "soak";
const DAYS_3 = 3 * 86_400_000;

export async function runSoak(options: SoakOptions): Promise<SoakResult> {
  const { folder, seed } = options;
  const table = join(folder, "table");
  const random = seededRandom(seed);
  const landed = { files: 0, rows: 0 };
  mkdirSync(join(folder, "in"), { recursive: true });
  const declaration = join(folder, "soak.yaml");
  writeFileSync(declaration, declarationOf(options));
  const program = await start(declaration);
  const samples: Sample[] = [];
  const began = performance.now();
  const seconds = (): number => (performance.now() - began) / 1000;
  let nextSample = options.sampleSeconds;
  while (seconds() < options.seconds && program.child.exitCode === null) {
    while (landed.files < seconds() * options.rate) {
      landed.files += 1;
      landed.rows += landFile(folder, landed.files, random);
    }
    if (seconds() >= nextSample) {
      nextSample += options.sampleSeconds;
      letAge(join(table, "_delta_log"), options.logSeconds);
      const values = takeSample({ pid: program.child.pid!, table, pipeline: NAME });
      const sample = { seconds: seconds(), landed: landed.files, values };
      samples.push(sample);
      options.onSample?.(sample);
    }
    await pause(Math.min(50, 1000 / options.rate));
  }
  const code = await program.stop();
  // What had not rested yet is read now.
  const rest = await runLandfall(["run", declaration, "--once", "--json"]);
  const verified = await runLandfall(["verify", table, "--data", "--json"]);
  const verify = JSON.parse(verified.stdout) as VerifyResult;
  const growths = MEASURES.flatMap((measure) => judgeGrowth(samples, measure) ?? []);
  const { rows: committedRows, compactions } = verify.checked;
  return {
    samples,
    growths,
    landed,
    committedRows,
    compactions,
    verify,
    faults: [
      ...(code === 130 ? [] : [`the pipeline ended with ${code}: ${program.lastWords()}`]),
      ...(rest.code === 0 ? [] : [`the last run ended with ${rest.code}: ${rest.stderr}`]),
      ...(committedRows === landed.rows
        ? []
        : [`${landed.rows} rows landed, ${committedRows} are in the table`]),
      ...verify.findings
        .filter(({ level, code: finding }) => level !== "note" && finding !== "HISTORY_TRIMMED")
        .map(({ code: finding, what }) => `verify: ${finding}: ${what}`),
    ],
  };
}

function declarationOf({ archive }: SoakOptions): string {
  return [
    `pipeline: ${NAME}`,
    "source: { location: in, format: json }",
    "table:",
    "  location: table",
    "  autoCompact: true",
    "  autoCompact.minNumFiles: 10",
    "  properties:",
    '    delta.checkpointInterval: "5"',
    '    delta.logRetentionDuration: "interval 1 days"',
    '    delta.deletedFileRetentionDuration: "interval 1 seconds"',
    "trigger: continuous",
    ...(archive ? ["archive: { to: archive }"] : []),
    "",
  ].join("\n");
}

/** As a careful writer does: renamed into place when it is whole. Answers its rows. */
function landFile(folder: string, number: number, random: ReturnType<typeof seededRandom>): number {
  const rows = 1 + random.below(50);
  const lines = Array.from({ length: rows }, (_, i) =>
    JSON.stringify({
      id: `${number}-${i}`,
      value: random.below(1_000_000) / 8,
      note: "x".repeat(random.below(40)),
    }),
  );
  const path = join(folder, `.${number}.json`);
  writeFileSync(path, `${lines.join("\n")}\n`);
  renameSync(path, join(folder, "in", `${number}.json`));
  return rows;
}

/** Nothing but the clean-up looks at the times of the log's files. */
function letAge(log: string, olderThanSeconds: number): void {
  const now = Date.now();
  const names = statSync(log, { throwIfNoEntry: false }) === undefined ? [] : readdirSync(log);
  for (const name of names) {
    const path = join(log, name);
    const age = now - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? now);
    if (age < olderThanSeconds * 1000 || age > DAYS_3) continue;
    try {
      utimesSync(path, new Date(now - DAYS_3 - 60_000), new Date(now - DAYS_3 - 60_000));
    } catch {
      // The clean-up was quicker.
    }
  }
}

interface Running {
  readonly child: ChildProcess;
  /** As Ctrl-C; the exit code. */
  stop(): Promise<number | null>;
  lastWords(): string;
}

async function start(declaration: string): Promise<Running> {
  const child = spawn(process.execPath, [LANDFALL_BIN, "run", declaration, "--json"], {
    env: { ...process.env, NO_COLOR: "1" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const exit = once(child, "exit");
  let words = "";
  const ready = new Promise<void>((resolve) => {
    createInterface({ input: child.stderr }).on("line", (line) => {
      words = `${words}${line}\n`.slice(-2000);
      if (line.includes("Ctrl-C")) resolve();
    });
  });
  await Promise.race([ready, exit]);
  return {
    child,
    async stop() {
      child.kill("SIGINT");
      const [code] = (await exit) as [number | null];
      return code;
    },
    lastWords: () => words.trim(),
  };
}
