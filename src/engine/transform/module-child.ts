/** A module's process as the engine's sees it: started, asked, held to its limits, and ended without a trace. */
import { fork, type ChildProcess } from "node:child_process";
import { dirname } from "node:path";
import { LandfallError } from "../../base/landfall-error.ts";
import { siblingModule } from "../../base/sibling-module.ts";
import { formatBytes } from "../../base/units.ts";
import { residentBytes } from "../resident-bytes.ts";
import { invalidTransform } from "./batch-transform.ts";
import { forwardErrors, forwardLines } from "./forward-lines.ts";
import type { FromModule, ToModule } from "./module-messages.ts";
import { LONGEST_TIMER_MS, tooSlow, TransformLimitError } from "./transform-limit-error.ts";

export interface ModuleTransform {
  readonly kind: "module";
  /** How messages call it. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** Milliseconds that one application may take, from the start of its process to its last row. */
  readonly timeLimitMs: number;
  /** Bytes that the module may hold. */
  readonly memoryBytes: number;
}

const WATCH_EVERY_MS = 200;
/** Node itself, and messages under way. */
const BESIDE_MODULE_BYTES = 512 * 1024 ** 2;
/** Milliseconds that an ended process's streams have to end too: what it has started may hold them open. */
const STREAMS_GRACE_MS = 500;

interface Waiting {
  readonly resolve: (message: FromModule) => void;
  readonly reject: (error: unknown) => void;
}

/** One at a time may be asked for. `end` must be called, whatever happened; it never fails, and may be called again. */
export class ModuleChild {
  readonly #module: ModuleTransform;
  readonly #signal: AbortSignal | undefined;
  readonly #process: ChildProcess;
  readonly #said: { readonly outOfMemory: boolean };
  readonly #ended: Promise<void>;
  readonly #limit: NodeJS.Timeout;
  readonly #watch: NodeJS.Timeout;
  #waiting: Waiting | undefined;
  /** Why nothing more can be asked. */
  #failure: unknown;

  /** @param options.temporaryFolder where the module's own temporary files go; default: the machine's. */
  constructor(
    module: ModuleTransform,
    options: { readonly signal: AbortSignal | undefined; readonly temporaryFolder?: string },
  ) {
    const { signal, temporaryFolder } = options;
    this.#module = module;
    this.#signal = signal;
    this.#process = fork(siblingModule(import.meta.url, "module-process"), {
      cwd: dirname(module.path),
      // No secret of the program's environment is the module's business, and what it gives must not hang on the machine.
      env: temporaryFolder === undefined ? {} : { TMPDIR: temporaryFolder },
      execArgv: [
        "--disable-warning=ExperimentalWarning",
        `--max-old-space-size=${Math.max(1, Math.floor(module.memoryBytes / 1024 ** 2))}`,
      ],
      serialization: "advanced",
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    const tell = (line: string): void => void process.stderr.write(`${module.name}: ${line}\n`);
    forwardLines(this.#process.stdout!, tell);
    this.#said = forwardErrors(this.#process.stderr!, tell);
    this.#ended = new Promise((resolve) => this.#whenEnded(resolve));
    this.#process.on("message", (message: FromModule) => this.#onMessage(message));
    this.#limit = setTimeout(
      () => this.#kill(tooSlow(this.#module, this.#module.timeLimitMs)),
      Math.min(module.timeLimitMs, LONGEST_TIMER_MS),
    );
    this.#watch = setInterval(() => this.#look(), WATCH_EVERY_MS);
    signal?.addEventListener("abort", this.#abort, { once: true });
    if (signal?.aborted) this.#abort();
  }

  /**
   * The answer to a message.
   *
   * @throws LandfallError TRANSFORM_INVALID when it is no module that can be used; TRANSFORM_FAILED when it failed, went past a
   * limit, or ended; the signal's reason once that is aborted
   */
  async ask(message: ToModule): Promise<FromModule> {
    if (this.#failure !== undefined) throw this.#failure;
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      // A process that is gone is told of by its exit.
      this.#process.send(message, () => {});
    });
  }

  async end(): Promise<void> {
    clearTimeout(this.#limit);
    clearInterval(this.#watch);
    this.#signal?.removeEventListener("abort", this.#abort);
    this.#process.kill("SIGKILL");
    await this.#ended;
    // What the module has started, and left, may hold the other ends.
    this.#process.stdout!.destroy();
    this.#process.stderr!.destroy();
  }

  readonly #abort = (): void => this.#kill(this.#signal!.reason);

  #onMessage(message: FromModule): void {
    if (message.type === "invalid") this.#fail(moduleInvalid(this.#module, message.why));
    else if (message.type === "failed") this.#fail(moduleFailed(this.#module, message.why));
    else if (message.type === "unsettled")
      this.#fail(moduleFailed(this.#module, "gave no answer: it waits for something that never comes"));
    else this.#settle((waiting) => waiting.resolve(message));
  }

  #settle(how: (waiting: Waiting) => void): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) how(waiting);
  }

  #fail(failure: unknown): void {
    this.#failure ??= failure;
    this.#settle((waiting) => waiting.reject(this.#failure));
  }

  #kill(failure: unknown): void {
    this.#fail(failure);
    this.#process.kill("SIGKILL");
  }

  #look(): void {
    const { memoryBytes } = this.#module;
    if (residentBytes(this.#process.pid) > memoryBytes + BESIDE_MODULE_BYTES) this.#kill(this.#tooLarge());
  }

  #whenEnded(resolve: () => void): void {
    const finish = (how: string): void => {
      this.#fail(this.#said.outOfMemory ? this.#tooLarge() : moduleFailed(this.#module, how));
      resolve();
    };
    this.#process.on("error", (error) => finish(`could not be started: ${error.message}`));
    this.#process.once("exit", (code, signal) => {
      const how = signal === null ? `ended its process with code ${String(code)}` : `was ended by ${signal}`;
      const late = setTimeout(finish, STREAMS_GRACE_MS, how);
      this.#process.once("close", () => {
        clearTimeout(late);
        finish(how);
      });
    });
  }

  #tooLarge(): LandfallError {
    return new TransformLimitError(this.#module, {
      why: `needed more memory than ${formatBytes(this.#module.memoryBytes)}`,
      hint: "Raise limits.transformMemory, or let the module keep less from one chunk to the next",
    });
  }
}

const SMALLEST = `A module is at least: export const columns = "id BIGINT, name STRING"; export default (chunk) => ({ id: chunk.columns.id, name: chunk.columns.name });`;

/** @param why the end of a sentence that begins with the module's name */
export function moduleInvalid(module: ModuleTransform, why: string): LandfallError {
  return invalidTransform(module, why, { hint: SMALLEST, file: module.path });
}

export function moduleFailed(
  module: ModuleTransform,
  why: string,
  hint = "Nothing was committed. Mend the module, or the rows that it fails on, and run again.",
): LandfallError {
  return new LandfallError("TRANSFORM_FAILED", {
    message: `The transform ${module.name} ${why}.`,
    hint,
    file: module.path,
  });
}
