/** Which folders lie on another machine: there memory is not shared between processes, and the kernel tells nothing of changes made elsewhere. */
import { readFileSync, realpathSync, statfsSync } from "node:fs";

/** File systems by the number that statfs(2) gives on Linux. */
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

/** The name of the network file system that a folder lies on; undefined for a local one. @throws the system's error for a folder that is not there */
export function networkFileSystemAt(folder: string): string | undefined {
  let mounts = "";
  try {
    mounts = readFileSync("/proc/self/mountinfo", "utf8");
  } catch {
    // Not on Linux: the number alone tells.
  }
  return networkFileSystem(statfsSync(folder).type, mountTypeOf(mounts, realpathSync(folder)));
}
