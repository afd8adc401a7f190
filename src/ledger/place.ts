/** Whether a folder can hold a ledger: a local file system, where memory can be shared between processes and link(2) works. */
import { randomBytes } from "node:crypto";
import { link, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LandfallError, messageOf } from "../base/landfall-error.ts";
import { networkFileSystemAt } from "../base/network-file-system.ts";

/**
 * Makes the folder if it is not there and probes it; leaves nothing else behind.
 *
 * @throws LandfallError LEDGER_PLACE_UNSUITABLE for a network file system or one without link(2), LEDGER_FAILED if the folder cannot
 * be made or written to
 */
export async function checkLedgerPlace(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw unusable(folder, error);
  }
  await probeLedgerPlace(folder);
}

/** Probes a folder that is there; leaves nothing behind. @throws as `checkLedgerPlace` */
export async function probeLedgerPlace(folder: string): Promise<void> {
  let network: string | undefined;
  try {
    network = networkFileSystemAt(folder);
  } catch (error) {
    throw unusable(folder, error);
  }
  if (network !== undefined) {
    throw unsuitable(
      folder,
      `it is on a network file system (${network}), where SQLite cannot keep it safely`,
    );
  }
  await probeLink(folder);
}

async function probeLink(folder: string): Promise<void> {
  const probe = join(folder, `.probe-${randomBytes(8).toString("hex")}`);
  try {
    await writeFile(probe, "", { flag: "wx", mode: 0o600 }).catch((error: unknown) => {
      throw unusable(folder, error);
    });
    await link(probe, `${probe}.link`).catch((error: unknown) => {
      throw unsuitable(folder, `its file system has no hard links (${messageOf(error)})`, error);
    });
  } finally {
    await rm(`${probe}.link`, { force: true });
    await rm(probe, { force: true });
  }
}

function unsuitable(folder: string, why: string, cause?: unknown): LandfallError {
  return new LandfallError("LEDGER_PLACE_UNSUITABLE", {
    message: `The ledger cannot lie in ${folder}: ${why}.`,
    hint: "Name a folder on a local disk with --state DIR.",
    file: folder,
    cause,
  });
}

function unusable(folder: string, cause: unknown): LandfallError {
  return new LandfallError("LEDGER_FAILED", {
    message: `The folder ${folder} cannot hold a ledger: ${messageOf(cause)}.`,
    hint: "Check that it may be written to, or name another one with --state DIR.",
    file: folder,
    cause,
  });
}
