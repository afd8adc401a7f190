import assert from "node:assert/strict";
import { test } from "node:test";
import { constants, crc32, deflateRawSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { isLandfallError } from "../../base/landfall-error.ts";
import { seededRandom } from "./random-lines.ts";
import type { ExpansionLimits } from "./expansion.ts";
import { gunzip } from "./gunzip.ts";

async function inflated(bytes: Buffer, chunk = bytes.length, limits: ExpansionLimits = {}): Promise<Buffer> {
  const parts: Buffer[] = [];
  const reused = Buffer.alloc(Math.max(1, chunk));
  let at = 0;
  await gunzip({
    ...limits,
    file: "x.gz",
    read: () => {
      if (at >= bytes.length) return undefined;
      const count = bytes.copy(reused, 0, at, at + chunk);
      at += count;
      return reused.subarray(0, count);
    },
    write: (part) => parts.push(Buffer.from(part)),
  });
  return Buffer.concat(parts);
}

async function fault(bytes: Buffer, limits?: ExpansionLimits): Promise<string> {
  try {
    await inflated(bytes, bytes.length, limits);
  } catch (error) {
    assert.ok(isLandfallError(error, "FILE_DAMAGED"), String(error));
    return error.message;
  }
  return "none";
}

function noise(length: number, seed = 1): Buffer {
  const random = seededRandom(seed);
  return Buffer.from(Array.from({ length }, () => 97 + Math.floor(random() * 20)));
}

test("members of any number and size, cut into any chunks, give their bytes in order", async () => {
  const member = fc.record({ length: fc.oneof(fc.nat(50), fc.nat(5000)), level: fc.constantFrom(0, 1, 9) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(member, { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 1, max: 3000 }),
      fc.nat(20),
      async (members, chunk, padding) => {
        const plain = members.map(({ length }, i) => noise(length, i));
        const zipped = plain.map((bytes, i) => gzipSync(bytes, { level: members[i]!.level }));
        const file = Buffer.concat([...zipped, Buffer.alloc(padding)]);
        assert.deepEqual(await inflated(file, chunk), Buffer.concat(plain));
      },
    ),
    { numRuns: 60 },
  );
});

test("a large member after a small one, and a small one after it", async () => {
  const plain = [noise(10), noise(3_000_000), noise(10)];
  const file = Buffer.concat(plain.map((bytes) => gzipSync(bytes, { level: 1 })));
  assert.deepEqual(await inflated(file, 1_000_000), Buffer.concat(plain));
});

test("every cut of a file of two members is an error, except between them", async () => {
  const first = gzipSync(noise(200));
  const file = Buffer.concat([first, gzipSync(noise(200, 2))]);
  for (let length = 0; length < file.length; length++) {
    const expected = length === first.length ? "none" : "gzip:";
    assert.ok((await fault(file.subarray(0, length))).startsWith(expected), `cut at ${length}`);
  }
});

test("every flipped bit of a file of two members is an error, or changes nothing", async () => {
  const plain = [noise(60), noise(60, 2)];
  const file = Buffer.concat(plain.map((bytes) => gzipSync(bytes)));
  for (let bit = 0; bit < file.length * 8; bit++) {
    const damaged = Buffer.from(file);
    damaged[bit >> 3]! ^= 1 << (bit & 7);
    let output: Buffer | undefined;
    try {
      output = await inflated(damaged);
    } catch (error) {
      assert.ok(isLandfallError(error, "FILE_DAMAGED"), String(error));
    }
    // Time, level and system in a header say nothing about the bytes.
    if (output !== undefined) assert.deepEqual(output, Buffer.concat(plain), `bit ${bit}`);
  }
});

test("garbage after a member, and after padding, is an error", async () => {
  const member = gzipSync(noise(100));
  assert.match(await fault(Buffer.concat([member, Buffer.from("x")])), /not gzip/);
  assert.match(await fault(Buffer.concat([member, Buffer.from("\0\0x")])), /after the padding/);
});

test("a header with all its optional parts is read, and its checksum verified", async () => {
  const plain = noise(100);
  const head = Buffer.concat([
    Buffer.from([0x1f, 0x8b, 8, 2 | 4 | 8 | 16, 0, 0, 0, 0, 0, 3]),
    Buffer.from([3, 0, 1, 2, 3]),
    Buffer.from("name\0comment\0"),
  ]);
  const sum = Buffer.alloc(2);
  sum.writeUInt16LE(crc32(head) & 0xffff);
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(plain), 0);
  trailer.writeUInt32LE(plain.length, 4);
  const body = deflateRawSync(plain, { strategy: constants.Z_FIXED });
  assert.deepEqual(await inflated(Buffer.concat([head, sum, body, trailer])), plain);
  sum[0]! ^= 1;
  assert.match(await fault(Buffer.concat([head, sum, body, trailer])), /header's checksum/);
});

test("a file that grows beyond a limit is refused", async () => {
  const bomb = gzipSync(Buffer.alloc(20 * 1024 * 1024));
  assert.match(await fault(bomb), /grows from .* past/);
  assert.match(await fault(gzipSync(noise(5000)), { maxExpandedBytes: 4000 }), /grows/);
  assert.equal(await fault(bomb, { maxExpansion: 2000 }), "none");
});

test("an aborted signal stops it with its reason", async () => {
  const file = gzipSync(noise(100));
  const reason = new Error("stop");
  let given = false;
  const read = (): Buffer | undefined => (given ? undefined : ((given = true), file));
  const signal = AbortSignal.abort(reason);
  await assert.rejects(gunzip({ file: "x.gz", read, write: () => {}, signal }), reason);
});
