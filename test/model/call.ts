/** One step of a process: a call of a port, with everything that its answer depends on besides what is shared. */
import type { LandfallError } from "../../src/base/landfall-error.ts";

export interface Call {
  readonly port: "storage" | "ledger" | "source" | "clock";
  readonly method: string;
  readonly args: readonly unknown[];
  /** Of a call of the ledger: the ordinal of the pipeline's state that it belongs to. Default: 1, the first. */
  readonly ordinal?: number;
}

export type Answer = { readonly value: unknown } | { readonly error: LandfallError };

const LEDGER_READS = new Set([
  "identity",
  "tableIdentity",
  "candidates",
  "bytesRead",
  "openBatches",
  "claimed",
  "lastTakenIn",
  "batchesWithoutDoneMark",
  "get",
  "generations",
  "arrivals",
  "batch",
  "batches",
]);
const STORAGE_READS = new Set(["list", "folders", "head", "get"]);

/** True for a call that changes nothing shared. */
export function isRead(call: Call): boolean {
  if (call.port === "ledger") return LEDGER_READS.has(call.method);
  if (call.port === "storage") return STORAGE_READS.has(call.method);
  return true;
}

/** The key or prefix that a call of the storage is about. */
export function storageKeyOf(call: Call): string {
  const [first] = call.args;
  if (typeof first === "string") return first;
  return (first as { readonly prefix?: string } | undefined)?.prefix ?? "";
}

/** Canonical text: equal texts are equal calls. */
export function callText(call: Call): string {
  const known = texts.get(call);
  if (known !== undefined) return known;
  const text = `${call.port}${call.ordinal ?? ""}.${call.method}(${JSON.stringify(call.args)})`;
  texts.set(call, text);
  return text;
}

const texts = new WeakMap<Call, string>();

/** For people: ids of the model are shortened to `#process.draw`. */
export function describeCall(call: Call): string {
  const known = descriptions.get(call) ?? described(call);
  descriptions.set(call, known);
  return known;
}

const descriptions = new WeakMap<Call, string>();

function described(call: Call): string {
  const { port, method } = call;
  const subject =
    port === "storage"
      ? storageKeyOf(call)
      : port === "source"
        ? call.args.join(" ")
        : port === "ledger"
          ? ledgerSubject(call)
          : "";
  return shortIds(`${port}.${method}${subject === "" ? "" : ` ${subject}`}`);
}

function ledgerSubject({ method, args }: Call): string {
  const [first, second] = args;
  if (method === "plan" || method === "settle") {
    const { number, batchId } = first as { readonly number: number; readonly batchId: string };
    return `${number}/${batchId}${method === "plan" ? ` ${keysOf(second)}` : ""}`;
  }
  if (["observe", "setWaiting", "baseline", "skip"].includes(method)) return keysOf(first);
  return args.filter((arg) => typeof arg === "string").join(" ");
}

function keysOf(arrivals: unknown): string {
  return (arrivals as readonly { readonly key: string; readonly generation: string }[])
    .map(({ key, generation }) => `${key}@${generation}`)
    .join(",");
}

/** Shortens the model's ids wherever they stand in a text. */
export function shortIds(text: string): string {
  return text.replaceAll(
    /0{7}(\d)-0000-7000-8000-0*(\d+)/g,
    (_, process, draw) => `#${String(process)}.${String(draw)}`,
  );
}
