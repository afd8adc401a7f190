/** Whether a folder can hold a ledger: a local file system, where memory can be shared between processes and link(2) works. */
import { randomBytes } from "node:crypto";
import { link, mkdir, readFile, realpath, rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LandfallError, messageOf } from "../base/landfall-error.ts";

/** File systems by the number that statfs(2) gives on Linux; SQLite's log needs memory shared between processes. */
const NETWORK_NUMBERS: ReadonlyMap<number, string> = new Map([
  [0x6969, "nfs"],
  [0x517b, "smb"],
  [0xfe534d42, "smb2"],
  [0xff534d42, "cifs"],
  [0x01021997, "9p"],
  [0x00c36400, "ceph"],
  [0x0bd00bd0, "lustre"],
  [0x5346414f, "afs"],
  [0x47504653, "gpfs"],
  [0x73757245, "coda"],
  [0x786f4256, "vboxsf"],
]);
const FUSE_NUMBER = 0x65735546;

/** FUSE file systems whose files are elsewhere; others (ntfs-3g, encrypted folders) are local. */
const NETWORK_FUSE =
  /^fuse\.(sshfs|s3fs|s3ql|goofys|gcsfuse|geesefs|mount-s3|rclone|glusterfs|ceph|ceph-fuse|juicefs|blobfuse2?|davfs2?|curlftpfs|smbnetfs|portal)/;

/**
 * The network file system's name, or undefined for a local one. Pure.
 *
 * @param number what statfs(2) says
 * @param mountType the mount's type as /proc/self/mountinfo spells it, where it is known
 */
export function networkFileSystem(number: number, mountType: string | undefined): string | undefined {
  const known = NETWORK_NUMBERS.get(number >>> 0);
  if (known !== undefined) return known;
  if (mountType === undefined) return undefined;
  if (number >>> 0 === FUSE_NUMBER && NETWORK_FUSE.test(mountType)) return mountType;
  return /^(nfs4?|cifs|smb3?|smbfs|9p|afs|ceph|lustre|afpfs|webdav)$/.test(mountType) ? mountType : undefined;
}

/** The type of the mount that holds the path: the longest mount point above it, the last of equals. Pure. */
export function mountTypeOf(mountInfo: string, path: string): string | undefined {
  let best: { readonly length: number; readonly type: string } | undefined;
  for (const line of mountInfo.split("\n")) {
    const [left, right] = line.split(" - ");
    const point = left
      ?.split(" ")[4]
      ?.replace(/\\([0-7]{3})/g, (_all, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
    const type = right?.split(" ")[0];
    if (point === undefined || type === undefined) continue;
    const within = path === point || path.startsWith(point.endsWith("/") ? point : `${point}/`);
    if (within && point.length >= (best?.length ?? 0)) best = { length: point.length, type };
  }
  return best?.type;
}

/**
 * Makes the folder if it is not there and probes it; leaves nothing else behind.
 *
 * @throws LandfallError LEDGER_PLACE_UNSUITABLE for a network file system or one without link(2), LEDGER_FAILED if the folder cannot
 * be made or written to
 */
export async function checkLedgerPlace(folder: string): Promise<void> {
  let network: string | undefined;
  try {
    await mkdir(folder, { recursive: true });
    const mountInfo = await readFile("/proc/self/mountinfo", "utf8").catch(() => "");
    network = networkFileSystem((await statfs(folder)).type, mountTypeOf(mountInfo, await realpath(folder)));
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
