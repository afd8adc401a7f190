/** Writes zip and tar archives for tests, sound ones and hostile ones. */
import { crc32, deflateRawSync } from "node:zlib";

export interface TarMember {
  readonly name: string;
  readonly content?: string | Buffer;
  /** One character: a file by default. */
  readonly type?: string;
}

/** A tar archive with its end mark. */
export function tarOf(members: readonly TarMember[]): Buffer {
  return Buffer.concat([...members.map(tarMember), Buffer.alloc(1024)]);
}

function tarMember({ name, content = "", type = "0" }: TarMember): Buffer {
  const bytes = Buffer.from(content);
  const header = Buffer.alloc(512);
  header.write(name, 0, 100);
  header.write("0000644\0", 100);
  header.write(`${bytes.length.toString(8).padStart(11, "0")}\0`, 124);
  header.write(type, 156);
  header.write("ustar\0", 257);
  header.fill(" ", 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return Buffer.concat([header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}

/** One record of a pax description. */
export function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const length = Buffer.byteLength(rest);
  const digits = String(length + 2).length;
  return `${length + digits}${rest}`;
}

export interface ZipMember {
  readonly name: string;
  readonly content?: string | Buffer;
  /** 8 by default; 0 stores the content as it is. */
  readonly method?: number;
  readonly isEncrypted?: boolean;
  /** Unix mode: 0o120777 is a link. */
  readonly mode?: number;
  /** Stands for the right one. */
  readonly crc32?: number;
}

export function zipOf(members: readonly ZipMember[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const member of members) {
    const { local, central } = zipMember(member, offset);
    locals.push(local);
    directory.push(central);
    offset += local.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(
    directory.reduce((sum, part) => sum + part.length, 0),
    12,
  );
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, ...directory, end]);
}

function zipMember(member: ZipMember, offset: number): { readonly local: Buffer; readonly central: Buffer } {
  const { method = 8, mode = 0o100644, isEncrypted = false } = member;
  const name = Buffer.from(member.name);
  const content = Buffer.from(member.content ?? "");
  const packed = method === 8 ? deflateRawSync(content) : content;
  // From the flags to the length of the name, both headers say the same.
  const facts = Buffer.alloc(24);
  facts.writeUInt16LE(isEncrypted ? 0x801 : 0x800, 0);
  facts.writeUInt16LE(method, 2);
  facts.writeUInt32LE(member.crc32 ?? crc32(content), 8);
  facts.writeUInt32LE(packed.length, 12);
  facts.writeUInt32LE(content.length, 16);
  facts.writeUInt16LE(name.length, 20);
  const version = Buffer.from([20, 0]);
  const local = Buffer.concat([Buffer.from("PK\u0003\u0004"), version, facts, name, packed]);
  const rest = Buffer.alloc(14);
  rest.writeUInt32LE((mode << 16) >>> 0, 6);
  rest.writeUInt32LE(offset, 10);
  const central = Buffer.concat([
    Buffer.from("PK\u0001\u0002"),
    Buffer.from([20, 3]),
    version,
    facts,
    rest,
    name,
  ]);
  return { local, central };
}
