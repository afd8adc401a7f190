import assert from "node:assert/strict";
import { test } from "node:test";
import { constants, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { isLandfallError } from "../../base/landfall-error.ts";
import { BZIP2_FILES } from "./bzip2-files.ts";
import { compressionOf, decompressorOf } from "./decompress.ts";
import type { ExpansionLimits } from "./expansion.ts";
import { seededRandom } from "./random-lines.ts";

async function plain(
  bytes: Buffer,
  options: ExpansionLimits & { readonly chunk?: number } = {},
): Promise<Buffer> {
  const { chunk = bytes.length, ...limits } = options;
  const parts: Buffer[] = [];
  const reused = Buffer.alloc(Math.max(1, chunk));
  let at = 0;
  await decompressorOf(compressionOf(bytes))!({
    ...limits,
    file: "x",
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
    await plain(bytes, limits);
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

const zstd = (bytes: Buffer): Buffer =>
  zstdCompressSync(bytes, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });

/** A frame that holds no data and is to be passed over. */
function skippable(length: number): Buffer {
  const frame = Buffer.alloc(8 + length, 7);
  frame.writeUInt32LE(0x184d2a5e, 0);
  frame.writeUInt32LE(length, 4);
  return frame;
}

test("zstd: frames of any number and size, cut into any chunks, give their bytes in order", async () => {
  const length = fc.oneof(fc.nat(50), fc.nat(5000));
  await fc.assert(
    fc.asyncProperty(
      fc.array(length, { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 5, max: 3000 }),
      async (lengths, chunk) => {
        const parts = lengths.map((one, i) => noise(one, i));
        const file = Buffer.concat(parts.map((part) => zstd(part)));
        assert.ok((await plain(file, { chunk })).equals(Buffer.concat(parts)));
      },
    ),
    { numRuns: 30 },
  );
});

test("zstd: a large frame between small ones", async () => {
  const parts = [noise(10), noise(3_000_000), noise(10)];
  const file = Buffer.concat(parts.map((part) => zstd(part)));
  assert.ok((await plain(file, { chunk: 1_000_000 })).equals(Buffer.concat(parts)));
});

test("zstd: frames that are to be skipped are passed over, wherever they stand", async () => {
  const parts = [skippable(0), zstd(noise(10)), skippable(300_000), zstd(noise(20)), skippable(3)];
  for (const chunk of [997, 1_000_000])
    assert.deepEqual(await plain(Buffer.concat(parts), { chunk }), Buffer.concat([noise(10), noise(20)]));
});

test("bzip2: every kind of file gives its bytes, cut into any chunks", async () => {
  for (const { packed, content } of Object.values(BZIP2_FILES)) {
    for (const chunk of [1, 7, 100_000]) assert.ok((await plain(packed, { chunk })).equals(content));
  }
});

test("bzip2: several streams in one file give their bytes in order", async () => {
  const { rows, empty, runs } = BZIP2_FILES;
  const file = Buffer.concat([rows.packed, empty.packed, runs.packed]);
  assert.deepEqual(await plain(file, { chunk: 5 }), Buffer.concat([rows.content, runs.content]));
});

const small = {
  zstd: [zstd(noise(200)), zstd(noise(200, 2))],
  bzip2: [BZIP2_FILES.runs.packed, BZIP2_FILES.runs.packed],
} as const;

for (const [name, [first, second]] of Object.entries(small)) {
  test(`${name}: every cut of a file of two parts is an error, except between them`, async () => {
    const file = Buffer.concat([first, second]);
    for (let length = 4; length < file.length; length++) {
      const expected = length === first.length ? "none" : `${name}: `;
      assert.ok((await fault(file.subarray(0, length))).startsWith(expected), `cut at ${length}`);
    }
  });

  test(`${name}: every flipped bit is an error, or changes nothing`, async () => {
    const expected = await plain(first);
    for (let bit = 0; bit < first.length * 8; bit++) {
      const damaged = Buffer.from(first);
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      // Without its first bytes it is a plain file, and no JSON or CSV.
      if (compressionOf(damaged) === "none") continue;
      let output: Buffer | undefined;
      try {
        output = await plain(damaged);
      } catch (error) {
        assert.ok(isLandfallError(error, "FILE_DAMAGED"), `bit ${bit}: ${String(error)}`);
      }
      if (output !== undefined) assert.deepEqual(output, expected, `bit ${bit}`);
    }
  });

  test(`${name}: bytes after a part are an error`, async () => {
    for (const tail of ["x", "\0\0\0\0\0", "garbage"])
      assert.ok((await fault(Buffer.concat([first, Buffer.from(tail)]))).startsWith(`${name}: `));
  });
}

test("zstd and bzip2: a file that grows beyond a limit is refused", async () => {
  const bomb = zstd(Buffer.alloc(20 * 1024 * 1024));
  assert.match(await fault(bomb), /zstd: grows from .* past/);
  assert.equal(await fault(bomb, { maxExpansion: 100_000 }), "none");
  assert.match(await fault(zstd(noise(5000)), { maxExpandedBytes: 4000 }), /grows/);
  assert.match(await fault(BZIP2_FILES.blocks.packed, { maxExpandedBytes: 100_000 }), /bzip2: grows/);
});

test("content decides what a file is, and what is none of them is plain", () => {
  const heads = ["", "B", "BZh", "BZh0", "BZhello", "BZh9,id\n1,2", "{", "\u001f", "PAR1"].map((text) =>
    Buffer.from(text),
  );
  for (const head of heads) assert.equal(compressionOf(head), "none");
  assert.equal(compressionOf(BZIP2_FILES.empty.packed), "bzip2");
  assert.equal(compressionOf(skippable(1)), "zstd");
});
