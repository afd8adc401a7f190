import assert from "node:assert/strict";
import { test } from "node:test";
import { mountTypeOf, networkFileSystem } from "./network-file-system.ts";

const MOUNTS = String.raw`22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:40 / /mnt rw - nfs4 server:/x rw
31 30 0:41 / /mnt/my\040disk rw - fuse.sshfs me@there:/ rw
32 22 0:42 / /data rw - ext4 /dev/vdb rw
33 22 0:43 / /data rw - cifs //there/x rw
`;

test("place: the longest mount point above the path decides, the last of equals", () => {
  assert.equal(mountTypeOf(MOUNTS, "/home/me"), "ext4");
  assert.equal(mountTypeOf(MOUNTS, "/mnt"), "nfs4");
  assert.equal(mountTypeOf(MOUNTS, "/mnt/my disk/state"), "fuse.sshfs");
  assert.equal(mountTypeOf(MOUNTS, "/mntx"), "ext4");
  assert.equal(mountTypeOf(MOUNTS, "/data/x"), "cifs");
  assert.equal(mountTypeOf("", "/data"), undefined);
  assert.equal(mountTypeOf("nonsense\n - \n", "/data"), undefined);
});

test("place: network file systems are told by number or by mount, local ones pass", () => {
  assert.equal(networkFileSystem(0x6969, undefined), "nfs");
  assert.equal(networkFileSystem(0xfe534d42 | 0, undefined), "smb2");
  assert.equal(networkFileSystem(0x65735546, "fuse.sshfs"), "fuse.sshfs");
  assert.equal(networkFileSystem(0x65735546, "fuseblk"), undefined);
  assert.equal(networkFileSystem(0xef53, "ext4"), undefined);
  assert.equal(networkFileSystem(0, "nfs"), "nfs");
});
