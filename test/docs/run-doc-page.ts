/** Runs a page of the documentation as a reader would: every block in its order, in one folder, as it is typed. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { linkLandfall, typeMistakes } from "../support/library-consumer.ts";
import { LANDFALL_BIN } from "../support/run-landfall.ts";
import { consoleCommands, exitCodeIn, type DocBlock } from "./doc-page.ts";
import { isShownAs, steadyText } from "./printed-text.ts";

export interface PageRun {
  /** What was run, for a page that is to have something to run. */
  readonly ran: number;
}

/** @throws AssertionError naming the line whose block does not do what the page says */
export async function runDocPage(options: {
  readonly blocks: readonly DocBlock[];
  readonly folder: string;
  readonly page: string;
}): Promise<PageRun> {
  const { blocks, folder, page } = options;
  const work = join(folder, "data");
  mkdirSync(work);
  const programs = programsOf(blocks);
  if (programs.size > 0) preparePrograms(work, programs);
  const path = withLandfall(folder);
  let ran = 0;
  for (const block of blocks) {
    if (block.mark?.kind === "not run") continue;
    const at = `${page}:${block.line}`;
    const run = (command: string, expected: number): Promise<string> =>
      runShell({ command, expected, cwd: work, path, at });
    const compare = (printed: string, shown: string): void =>
      assertShown({ printed: steadyText(printed, work), shown: steadyText(shown, work), at });
    if (block.title !== undefined) {
      write(join(work, block.title), block.text);
    } else if (block.mark?.kind === "run until") {
      await runUntil({ command: block.text.trimEnd(), until: block.mark.printed, cwd: work, path, at });
    } else if (block.language === "run first") {
      await run(block.text, 0);
    } else if (block.language === "sh") {
      const printed = await run(block.text, exitCodeIn(block.text));
      if (block.output !== undefined) compare(printed, block.output);
    } else if (block.language === "console") {
      for (const { command, output, exitCode } of consoleCommands(block.text))
        compare(await run(command, exitCode), output);
    } else if (block.language === "ts") {
      compare(await run(`node ${programs.get(block)!.name}`, 0), block.output ?? "");
    } else if (block.mark?.kind === "asked of") {
      const ask = `landfall table query ${block.mark.table} ${JSON.stringify(block.text.trim())}`;
      compare(await run(ask, 0), block.output ?? "");
    } else {
      continue;
    }
    ran++;
  }
  return { ran };
}

interface Program {
  readonly name: string;
  readonly text: string;
}

/** Those that are typed: titled ones are files of the page, the others are run where they stand. */
function programsOf(blocks: readonly DocBlock[]): ReadonlyMap<DocBlock, Program> {
  const written = blocks.filter(({ language, mark }) => language === "ts" && mark?.kind !== "not run");
  return new Map(
    written.map((block, i) => [block, { name: block.title ?? `program-${i}.ts`, text: block.text }]),
  );
}

/** All of them compile, with the types as they are published; what runs are the sources. */
function preparePrograms(folder: string, programs: ReadonlyMap<DocBlock, Program>): void {
  linkLandfall(folder);
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  for (const { name, text } of programs.values()) write(join(folder, name), text);
  assert.equal(typeMistakes(folder, { withNode: true }), "");
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** `landfall`, and `npx landfall` without a registry, are this clone's. */
function withLandfall(folder: string): string {
  const programs = join(folder, "data/node_modules/.bin");
  mkdirSync(programs, { recursive: true });
  const program = join(folder, "landfall");
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${LANDFALL_BIN}' "$@"\n`);
  chmodSync(program, 0o755);
  symlinkSync(program, join(programs, "landfall"));
  return [folder, dirname(process.execPath), process.env["PATH"] ?? ""].join(":");
}

/** What hangs is not left behind. */
const LONGEST = { timeout: 120_000, killSignal: "SIGKILL" } as const;

interface ShellCommand {
  readonly command: string;
  readonly cwd: string;
  readonly path: string;
  readonly at: string;
}

/** What it printed on stdout and stderr, as a terminal shows it. */
async function runShell(options: ShellCommand & { readonly expected: number }): Promise<string> {
  const { command, cwd, path, at, expected } = options;
  const { status, stdout, error } = spawnSync("bash", ["-ec", `exec 2>&1\n${command}`], {
    cwd,
    env: environment(path, cwd),
    encoding: "utf8",
    maxBuffer: 1 << 26,
    ...LONGEST,
  });
  if (error !== undefined) throw error;
  assert.equal(status, expected, `${at}: exit code ${String(status)} of\n${command}\n${stdout}`);
  return stdout;
}

/** Runs until it has printed this, then stops it as a service manager does; that has to be a clean stop. */
async function runUntil(options: ShellCommand & { readonly until: string }): Promise<void> {
  const { command, cwd, path, at, until } = options;
  const child = spawn("bash", ["-c", `exec 2>&1\nexec ${command}`], {
    cwd,
    env: environment(path, cwd),
    stdio: ["ignore", "pipe", "inherit"],
    ...LONGEST,
  });
  let printed = "";
  let stopped = false;
  child.stdout.on("data", (chunk) => {
    printed += String(chunk);
    if (stopped || !printed.includes(until)) return;
    stopped = true;
    child.kill("SIGTERM");
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  assert.ok(stopped, `${at}: ended without having printed ${JSON.stringify(until)}:\n${printed}`);
  assert.equal(code, 143, `${at}: stopped with ${String(code)}:\n${printed}`);
}

/** Nothing of whoever runs the tests changes what a page's commands do. */
function environment(path: string, home: string): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(LANDFALL_|NODE_|FORCE_COLOR$)/.test(name));
  return {
    ...Object.fromEntries(own),
    PATH: path,
    HOME: home,
    NO_COLOR: "1",
    TZ: "UTC",
    npm_config_offline: "true",
  };
}

function assertShown(options: {
  readonly printed: string;
  readonly shown: string;
  readonly at: string;
}): void {
  const { printed, shown, at } = options;
  if (isShownAs(printed, shown)) return;
  // The two as they are, for whoever mends the page.
  assert.equal(printed, shown, `${at}: the page shows other text than the command prints:\n${printed}\n`);
}
