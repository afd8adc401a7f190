/** The text of a commit, `_delta_log/N.json`: one action a line (PROTOCOL.md, "Delta Log Entries"). */
import { isUtf8 } from "node:buffer";
import { LandfallError } from "../base/landfall-error.ts";
import { parseJson, type JsonValue } from "../base/lossless-json.ts";
import type { Action } from "./actions.ts";
import { commitKey } from "./log-files.ts";
import { ActionInvalid, parseActions } from "./parse-action.ts";
import { jsonText } from "./raw-json.ts";

export interface CommitOrigin {
  /** The table as people write it, for messages. */
  readonly table: string;
  readonly version: number;
  /** Of a log compaction file, which is written as a commit is. Default: the key of the version's commit. */
  readonly file?: string;
}

export interface ParseCommitOptions extends CommitOrigin {
  /** Leave out `add`, `remove` and `cdc`: a hundredfold cheaper for large commits when only the rest is wanted. Default false. */
  readonly skipFiles?: boolean;
  /** Leave out `commitInfo`, for who has read it before and comes for the rest. Default false. */
  readonly skipInfo?: boolean;
}

/**
 * The actions of a commit in the order of its lines, 64-bit integers exact. Actions that we do not know are left out, fields
 * that we do not know are kept.
 *
 * @throws LandfallError TABLE_LOG_CORRUPT naming the file and the line: empty, truncated or not JSON, or an action without a
 * field that Delta requires
 */
export function parseCommit(content: Buffer | string, options: ParseCommitOptions): Action[] {
  const actions = [...commitActions(content, options)];
  const { skipFiles = false, skipInfo = false } = options;
  if (!skipFiles && !skipInfo) return actions;
  return actions.filter((action) => !(skipFiles && isFile(action)) && !(skipInfo && "commitInfo" in action));
}

/** As `parseCommit`, one line at a time: what is wrong with a line is thrown when its turn comes. */
export function* commitActions(content: Buffer | string, options: ParseCommitOptions): Generator<Action> {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  if (!isUtf8(bytes)) throw corrupt(options, undefined, "it is not UTF-8");
  const skipped = [
    ...(options.skipFiles === true ? FILE_STARTS : []),
    ...(options.skipInfo === true ? [INFO_START] : []),
  ];
  let lineNumber = 0;
  let start = 0;
  let filled = 0;
  while (start < bytes.length) {
    lineNumber += 1;
    const newline = bytes.indexOf(0x0a, start);
    const end = newline === -1 ? bytes.length : newline;
    const isLast = end >= bytes.length - 1;
    // The last is parsed in any case: a commit that was cut off ends there.
    if (isLast || skipped.length === 0 || !isOneOf(skipped, bytes.subarray(start, end))) {
      const text = bytes.toString("utf8", start, end).trim();
      if (text !== "") {
        filled += 1;
        yield* parseLine(text, lineNumber, options);
      }
    } else filled += 1;
    start = end + 1;
  }
  if (filled === 0) throw corrupt(options, undefined, "it is empty");
}

/**
 * The text of a commit, with a newline after each action. commitInfo comes first, as in-commit timestamps require.
 *
 * @throws LandfallError INTERNAL when the actions break a rule that every commit must obey (two of a kind)
 */
export function serializeCommit(actions: readonly Action[]): string {
  checkSingles(actions);
  const infos = actions.filter((action) => "commitInfo" in action);
  const others = actions.filter((action) => !("commitInfo" in action));
  return [...infos, ...others].map((action) => `${jsonText(action)}\n`).join("");
}

function parseLine(text: string, line: number, origin: CommitOrigin): Action[] {
  let value: JsonValue;
  try {
    value = parseJson(text);
  } catch (error) {
    throw corrupt(origin, line, "it is truncated or not JSON", error);
  }
  try {
    return parseActions(value);
  } catch (error) {
    if (error instanceof ActionInvalid) throw corrupt(origin, line, error.message, error);
    throw error;
  }
}

const FILE_STARTS = ['{"add":', '{"remove":', '{"cdc":'].map((text) => Buffer.from(text));
const INFO_START = Buffer.from('{"commitInfo":');

/** True for a line that begins as one of the actions and ends as a JSON object does. */
function isOneOf(starts: readonly Buffer[], line: Buffer): boolean {
  if (line.at(-1) !== 0x7d) return false;
  return starts.some((start) => start.equals(line.subarray(0, start.length)));
}

function isFile(action: Action): boolean {
  return "add" in action || "remove" in action || "cdc" in action;
}

function corrupt(
  origin: CommitOrigin,
  line: number | undefined,
  what: string,
  cause?: unknown,
): LandfallError {
  const file = origin.file ?? commitKey(origin.version);
  const place = line === undefined ? file : `line ${line} of ${file}`;
  return new LandfallError("TABLE_LOG_CORRUPT", {
    message: `The Delta log of ${origin.table} is damaged: ${place}: ${what}.`,
    hint: "Restore this file from a backup, or find out which program wrote it; no later version can be read without it.",
    file,
    table: origin.table,
    version: origin.version,
    cause,
  });
}

/** PROTOCOL.md: in one version at most one protocol, metaData, txn per appId, domain, add per path and remove per path. */
function checkSingles(actions: readonly Action[]): void {
  const seen = new Set<string>();
  for (const action of actions) {
    const name = singleName(action);
    if (seen.has(name)) {
      throw new LandfallError("INTERNAL", {
        message: `A commit would hold ${name.replace("\0", " ")} twice.`,
        hint: "This is a fault of Landfall; nothing was written. Please report it.",
      });
    }
    seen.add(name);
  }
}

function singleName(action: Action): string {
  if ("add" in action) return `add\0${action.add.path}`;
  if ("remove" in action) return `remove\0${action.remove.path}`;
  if ("cdc" in action) return `cdc\0${action.cdc.path}`;
  if ("txn" in action) return `txn\0${action.txn.appId}`;
  if ("domainMetadata" in action) return `domainMetadata\0${action.domainMetadata.domain}`;
  if ("protocol" in action) return "protocol";
  if ("metaData" in action) return "metaData";
  return "commitInfo";
}
