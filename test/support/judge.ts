/**
 * The judges: other people's Delta readers and writers as long-lived child processes, one JSON request and answer a line
 * (tools/judges/README.md lists the requests). Installed by tools/judges/install.sh.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, after } from "node:test";

import { sortRows } from "./canonical-rows.ts";
import { judgesFolder } from "./judges-folder.ts";

export type JudgeName = "delta-rs" | "spark" | "chdb" | "inputs" | "formats";

/** A request: `op` and what it needs; see tools/judges/README.md. */
export interface JudgeRequest {
  readonly op: string;
  readonly [key: string]: unknown;
}

export interface JudgeRows {
  readonly schema: readonly { readonly name: string; readonly type: unknown }[];
  /** Canonical values (tools/judges/canonical.py), sorted by `sortRows`. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly version: number | null;
}

export interface Judge extends AsyncDisposable {
  /** Asks; requests are answered in order. @throws Error with the judge's own message when it refuses */
  readonly request: <T = JudgeRows>(request: JudgeRequest) => Promise<T>;
  /** Ends the process after the requests under way. Closing twice is safe. */
  close(): Promise<void>;
}

const TOOLS = join(import.meta.dirname, "../../tools/judges");
const END_WITHIN_MS = 20_000;

const JUDGES: Readonly<
  Record<JudgeName, { readonly parts: readonly string[]; readonly program: string; readonly script: string }>
> = {
  "delta-rs": { parts: ["python"], program: "venv/bin/python", script: "delta_rs.py" },
  spark: { parts: ["python", "jars"], program: "venv/bin/python", script: "spark.py" },
  inputs: { parts: ["python"], program: "venv/bin/python", script: "inputs.py" },
  formats: { parts: ["python"], program: "venv/bin/python", script: "formats.py" },
  chdb: { parts: ["chdb"], program: process.execPath, script: "chdb.ts" },
};

/**
 * Why a suite of this judge is to be skipped, for `describe(…, { skip: judgeMissing("spark") })`; false when it can run.
 * In CI a missing judge is no reason to skip: the suite runs, and `startJudge` fails it.
 */
export function judgeMissing(...names: readonly JudgeName[]): string | false {
  const missing = names.filter((name) => !isInstalled(name));
  if (missing.length === 0 || process.env["CI"] === "true") return false;
  return `${missing.join(" and ")} not installed in ${judgesFolder()}: run tools/judges/install.sh`;
}

function isInstalled(name: JudgeName): boolean {
  return JUDGES[name].parts.every((part) => existsSync(join(judgesFolder(), `${part}.stamp`)));
}

// Spark needs seconds to start: one session serves all that a test process asks, `node --test --test-isolation=none` all files.
let sharedSpark: Judge | undefined;
after(async () => {
  await sharedSpark?.close();
});

/**
 * Starts a judge. There is one Spark session a process, which ends with it; closing it does nothing.
 *
 * @param t when given, the judge is closed when the test ends
 * @throws Error when the judge is not installed
 */
export function startJudge(name: JudgeName, t?: Pick<TestContext, "after">): Judge {
  if (name === "spark") {
    sharedSpark ??= launch(name);
    const close = (): Promise<void> => Promise.resolve();
    return { request: sharedSpark.request, close, [Symbol.asyncDispose]: close };
  }
  const judge = launch(name);
  t?.after(() => judge.close());
  return judge;
}

function launch(name: JudgeName): Judge {
  if (!isInstalled(name))
    throw new Error(`${name} is not installed in ${judgesFolder()}: run tools/judges/install.sh`);
  const { program, script } = JUDGES[name];
  const folder = judgesFolder();
  const child = spawn(program === process.execPath ? program : join(folder, program), [join(TOOLS, script)], {
    env: { ...process.env, LANDFALL_JUDGES: folder, PYTHONDONTWRITEBYTECODE: "1" },
  });
  return converse(name, child);
}

function converse(name: JudgeName, child: ChildProcess): Judge {
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null || stderr === null) throw new Error("a judge needs its three pipes");
  const waiting: { readonly resolve: (answer: string) => void; readonly reject: (error: Error) => void }[] =
    [];
  let log = "";
  stderr.setEncoding("utf8").on("data", (text: string) => (log = (log + text).slice(-8_000)));
  // A write to a judge that has died must not end the test process; "close" below tells who waits.
  stdin.on("error", () => undefined);
  createInterface({ input: stdout }).on("line", (line) => waiting.shift()?.resolve(line));
  const ended = new Promise<void>((resolve) => {
    const end = (why: string): void => {
      for (const { reject } of waiting.splice(0)) reject(new Error(`${name} ended (${why}): ${log}`));
      resolve();
    };
    child.on("error", (error) => end(error.message));
    child.on("close", (code, signal) => end(signal ?? `exit code ${code}`));
  });
  const ask = (request: JudgeRequest): Promise<string> =>
    new Promise((resolve, reject) => {
      if (child.exitCode !== null || child.signalCode !== null || !stdin.writable) {
        reject(new Error(`${name} has ended: ${log}`));
        return;
      }
      waiting.push({ resolve, reject });
      stdin.write(`${JSON.stringify(request, signedZero)}\n`);
    });
  const close = async (): Promise<void> => {
    stdin.end();
    const timer = setTimeout(() => child.kill("SIGKILL"), END_WITHIN_MS);
    await ended;
    clearTimeout(timer);
  };
  return {
    request: async <T>(request: JudgeRequest) => parseAnswer(name, request, await ask(request)) as T,
    close,
    [Symbol.asyncDispose]: close,
  };
}

// JSON.stringify loses the sign of a zero. JSON.rawJSON stands in Node 24 and not yet in TypeScript's library.
const { rawJSON } = JSON as unknown as { rawJSON: (this: void, text: string) => unknown };

function signedZero(_key: string, value: unknown): unknown {
  return Object.is(value, -0) ? rawJSON("-0.0") : value;
}

function parseAnswer(name: JudgeName, request: JudgeRequest, line: string): unknown {
  const answer = JSON.parse(line) as {
    readonly error?: string;
    readonly kind?: string;
    readonly rows?: JudgeRows["rows"];
  };
  if (answer.error !== undefined) {
    const { op, table } = request;
    throw new Error(
      `${name} refused ${op}${typeof table === "string" ? ` of ${table}` : ""}: ${answer.kind}: ${answer.error}`,
    );
  }
  return answer.rows === undefined ? answer : { ...answer, rows: sortRows(answer.rows) };
}
