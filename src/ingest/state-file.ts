/** Reading and writing of the small JSON files of state: versioned, validated, never guessed at. */
import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import type { z } from "zod";
import { LandfallError } from "../base/landfall-error.ts";
import { parseJson } from "../base/lossless-json.ts";

/** Every file of state carries it. Newer than this is refused by name; older is migrated when there is an older one. */
export const STATE_SCHEMA_VERSION = 1;

/**
 * The content of a file of state.
 *
 * @throws LandfallError STATE_NEWER when a newer Landfall wrote it, STATE_CORRUPT when it is damaged or edited
 */
export function parseStateFile<T>(text: string, shape: z.ZodType<T>, file: string): T {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    throw corrupt(file, "it is no JSON", error);
  }
  const version = (value as { schemaVersion?: unknown } | null)?.schemaVersion;
  if (typeof version === "number" && version > STATE_SCHEMA_VERSION) {
    throw new LandfallError("STATE_NEWER", {
      message: `${file} has format ${version}; this Landfall knows formats up to ${STATE_SCHEMA_VERSION}.`,
      hint: "Use the Landfall that wrote it, or a newer one.",
      file,
    });
  }
  const parsed = shape.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw corrupt(file, `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "wrong shape"}`, parsed.error);
  }
  return parsed.data;
}

/**
 * The text of a file whose bytes are to be written down as text, and found again unchanged.
 *
 * @throws LandfallError STATE_CORRUPT
 */
export function utf8Text(content: Buffer, file: string): string {
  if (!isUtf8(content)) throw corrupt(file, "it is no UTF-8");
  return content.toString("utf8");
}

export function sha256(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

export function corrupt(file: string, why: string, cause?: unknown): LandfallError {
  return new LandfallError("STATE_CORRUPT", {
    message: `The state file ${file} is damaged or was edited: ${why}.`,
    hint: "Restore it from a backup; `landfall verify` says what else is affected.",
    file,
    cause,
  });
}
