import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { crc32, gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { paxRecord, tarOf, zipOf } from "../../../test/support/archives.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { isLandfallError } from "../../base/landfall-error.ts";
import { ArchiveMembers, type PartSink } from "./archive-members.ts";
import { damageOf, type ExpansionLimits } from "./expansion.ts";
import { feedParts } from "./feed-parts.ts";
import { TarReader } from "./tar-reader.ts";

/** Keeps what it is given as `[name, content]`; the file itself has the name "". */
class KeptParts implements PartSink {
  readonly parts: [name: string, content: string][] = [];
  #pieces: Buffer[] = [];
  #name = "";

  start(name: string): void {
    this.#name = name;
  }

  startPacked(name: string): void {
    this.#name = `packed ${name}`;
  }

  write(bytes: Buffer): void {
    this.#pieces.push(Buffer.from(bytes));
  }

  end(): void {
    this.parts.push([this.#name, Buffer.concat(this.#pieces).toString()]);
    this.#pieces = [];
  }

  get plain(): string {
    return Buffer.concat(this.#pieces).toString();
  }
}

async function partsOf(t: TestContext, content: Buffer, limits: ExpansionLimits = {}): Promise<KeptParts> {
  const folder = temporaryFolder(t);
  const path = join(folder, "file");
  writeFileSync(path, content);
  const sink = new KeptParts();
  const read = await feedParts({ ...limits, path, sink });
  assert.deepEqual([read.bytes, read.crc32], [content.length, crc32(content)]);
  assert.deepEqual(readdirSync(folder), ["file"]);
  return sink;
}

async function fault(t: TestContext, content: Buffer, limits?: ExpansionLimits): Promise<string> {
  try {
    await partsOf(t, content, limits);
  } catch (error) {
    assert.ok(isLandfallError(error, "FILE_DAMAGED"), String(error));
    return error.message;
  }
  return "none";
}

const members = [
  { name: "a.json", content: '{"a":1}\n' },
  { name: "sub/é b.json", content: "x".repeat(5000) },
  { name: "sub/empty.json", content: "" },
] as const;
const expected = [
  ["a.json", '{"a":1}\n'],
  ["sub/%C3%A9%20b.json", "x".repeat(5000)],
  ["sub/empty.json", ""],
];
const skipped = [
  { name: "_SUCCESS", content: "1" },
  { name: "__MACOSX/a.json", content: "2" },
  { name: "sub/.hidden", content: "3" },
];

test("the members of a zip or tar file come one by one, hidden ones and folders left out", async (t) => {
  const zip = zipOf([{ name: "sub/" }, ...members, ...skipped, { name: "s", content: "y", method: 0 }]);
  assert.deepEqual((await partsOf(t, zip)).parts, [...expected, ["s", "y"]]);
  const tar = tarOf([{ name: "./", type: "5" }, { name: "sub/", type: "\0" }, ...members, ...skipped]);
  assert.deepEqual((await partsOf(t, tar)).parts, expected);
  for (const packed of [gzipSync(tar), zstdCompressSync(tar)])
    assert.deepEqual((await partsOf(t, packed)).parts, expected);
});

test("what is no archive comes as itself, however short", async (t) => {
  for (const content of ["", "P", "PK", '{"a":1}', "x".repeat(511), "x".repeat(100_000)]) {
    const { parts, plain } = await partsOf(t, Buffer.from(content));
    assert.deepEqual([parts, plain], [[], content]);
  }
});

test("a member that is compressed comes as it is, and is named as such", async (t) => {
  const content = "x".repeat(1000);
  const member = { name: "in.json.gz", content: gzipSync(content) };
  for (const archive of [zipOf([member]), tarOf([member])]) {
    const [[name, bytes]] = (await partsOf(t, archive)).parts as [[string, string]];
    assert.equal(name, "packed in.json.gz");
    assert.equal(bytes, gzipSync(content).toString());
  }
});

test("archives without members have no parts", async (t) => {
  assert.deepEqual((await partsOf(t, zipOf([]))).parts, []);
  assert.deepEqual((await partsOf(t, tarOf([{ name: "d/", type: "5" }]))).parts, []);
});

test("tar: long names of both kinds are read, and a size that pax states", async (t) => {
  const long = `${"d/".repeat(80)}x.json`;
  const tar = tarOf([
    { name: "././@LongLink", content: `${long}\0`, type: "L" },
    { name: "cut", content: "gnu" },
    { name: "global", content: paxRecord("comment", "c"), type: "g" },
    { name: "PaxHeader", content: paxRecord("path", `p/${long}`) + paxRecord("size", "3"), type: "x" },
    { name: "cut", content: "pax" },
    { name: "own", content: "1" },
  ]);
  assert.deepEqual((await partsOf(t, tar)).parts, [
    [long, "gnu"],
    [`p/${long}`, "pax"],
    ["own", "1"],
  ]);
});

test("tar: every chunking gives the same, and every cut is an error", () => {
  const tar = tarOf(members);
  const read = (bytes: Buffer, chunk: number): KeptParts["parts"] => {
    const sink = new KeptParts();
    const damaged = damageOf("tar", "f");
    const reader = new TarReader({ members: new ArchiveMembers({ sink, damaged }), damaged });
    for (let at = 0; at < bytes.length; at += chunk) reader.feed(bytes.subarray(at, at + chunk));
    reader.finish();
    return sink.parts;
  };
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2000 }), (chunk) => assert.deepEqual(read(tar, chunk), expected)),
  );
  // One block of zeros is an end as well.
  for (let length = 0; length < tar.length; length += 61) {
    if (length !== tar.length - 512) assert.throws(() => read(tar.subarray(0, length), 512), /truncated/);
  }
});

test("archives that lead elsewhere, hold no plain files, or are damaged are refused with the member's name", async (t) => {
  const content = '{"a":1}\n';
  const flipped = tarOf(members);
  flipped[1024 + 3]! ^= 1;
  const cases: readonly (readonly [Buffer, RegExp])[] = [
    [tarOf([{ name: "../up.json", content }]), /\.\.\/up\.json: a name that leads out/],
    [tarOf([{ name: "/etc/x", content }]), /\/etc\/x: a name that leads out/],
    [tarOf([{ name: "a/../../x", content }]), /leads out/],
    [tarOf([{ name: "l.json", type: "2" }]), /l\.json is a link/],
    [tarOf([{ name: "h.json", type: "1" }]), /h\.json is a link/],
    [tarOf([{ name: "d", type: "3" }]), /d is a device/],
    [tarOf([{ name: "PaxHeader", content: "9 path=x", type: "x" }]), /description is damaged/],
    [tarOf([{ name: "P", content: paxRecord("GNU.sparse.major", "1"), type: "x" }]), /sparse/],
    [tarOf([{ name: "in.zip", content: zipOf(members) }]), /in\.zip: .*archive \(zip\) in an archive/],
    [tarOf([{ name: "in", content: tarOf(members) }]), /in: .*archive \(tar\) in an archive/],
    [Buffer.concat([tarOf(members), Buffer.from("x".repeat(512))]), /bytes after the archive's end/],
    [flipped, /header is damaged/],
    [gzipSync(gzipSync(content)), /gzip: the file is packed twice/],
    [gzipSync(zipOf(members)), /zip: the file is packed twice/],
    [zipOf([{ name: "../up.json", content }]), /relative path: \.\.\/up\.json/],
    [zipOf([{ name: "/etc/x", content }]), /absolute path: \/etc\/x/],
    [zipOf([{ name: "l.json", content, mode: 0o120777 }]), /l\.json is a link/],
    [zipOf([{ name: "p.json", content, mode: 0o020644 }]), /p\.json is a device/],
    [zipOf([{ name: "s.json", content, isEncrypted: true }]), /s\.json: is encrypted/],
    [zipOf([{ name: "m.json", content, method: 93 }]), /m\.json: is packed by method 93/],
    [zipOf([members[0], { name: "c.json", content, crc32: 1 }]), /c\.json: its checksum is wrong/],
    [zipOf([{ name: "in.zip", content: zipOf(members) }]), /in\.zip: .*archive \(zip\) in an archive/],
    [zipOf(members).subarray(0, -30), /zip: /],
  ];
  for (const [bytes, message] of cases) assert.match(await fault(t, bytes), message);
});

test("zip: a member whose bytes were damaged is told, whichever bit it was", async (t) => {
  const zip = zipOf([{ name: "a.json", content: "some text, some more text, and text" }]);
  const dataAt = 30 + "a.json".length;
  for (let bit = dataAt * 8; bit < (dataAt + 20) * 8; bit += 7) {
    const damaged = Buffer.from(zip);
    damaged[bit >> 3]! ^= 1 << (bit & 7);
    assert.match(await fault(t, damaged), /zip: a\.json: /, `bit ${bit}`);
  }
});

test("bombs are measured over the whole archive", async (t) => {
  const zeros = Buffer.alloc(6 * 1024 * 1024);
  const bomb = zipOf([1, 2, 3].map((n) => ({ name: `${n}.json`, content: zeros })));
  assert.match(await fault(t, bomb), /zip: grows from .* past/);
  assert.equal(await fault(t, bomb, { maxExpansion: 2000 }), "none");
  assert.match(await fault(t, zipOf(members), { maxExpandedBytes: 4000 }), /grows/);
  assert.match(await fault(t, gzipSync(tarOf(members)), { maxExpandedBytes: 4000 }), /grows/);
  const many = tarOf(Array.from({ length: 100_001 }, (_, i) => ({ name: `${i}`, type: "5" })));
  assert.match(await fault(t, many), /more than 100000 members/);
});
