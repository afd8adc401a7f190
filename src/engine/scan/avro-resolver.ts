/**
 * Reads the values of one schema as those of another (Avro 1.12, "Schema Resolution"). A number whose promotion could bend it keeps the
 * type that the file has: what the other does not hold is for the fit to rescue.
 */
import avro from "avsc";
import type { LandfallError } from "../../base/landfall-error.ts";
import { nullableField, type DataType } from "../../schema/data-type.ts";
import {
  arrayReader,
  AvroCompiler,
  branchOf,
  mapReader,
  oneTypeOf,
  untaken,
  type SchemaLimits,
  type ValueReader,
} from "./avro-compiler.ts";
import { AvroCursor } from "./avro-cursor.ts";
import { avroDamage } from "./avro-damage.ts";
import { isRecord, isUnion, Noted } from "./avro-schema.ts";

/** What a type may be read as besides itself: `bends` where a value may be lost. string and bytes are encoded alike. */
const PROMOTIONS: Readonly<Record<string, Readonly<Record<string, "exact" | "bends" | "same">>>> = {
  int: { long: "exact", float: "bends", double: "exact" },
  long: { float: "bends", double: "bends" },
  float: { double: "exact" },
  string: { bytes: "same" },
  bytes: { string: "same" },
};

/** Logical types of one meaning in different units. */
const FAMILIES: readonly (readonly string[])[] = [
  ["time-millis", "time-micros"],
  ["timestamp-millis", "timestamp-micros"],
  ["local-timestamp-millis", "local-timestamp-micros"],
];

type Path = readonly string[];

export class AvroResolver {
  /** Of what is read as the file has it. */
  readonly #asWritten: AvroCompiler;
  /** Of what is read as the reader asks for it. */
  readonly #asAsked: AvroCompiler;
  readonly #limits: SchemaLimits;
  readonly #within = new Set<avro.Type>();

  constructor(limits: SchemaLimits) {
    this.#limits = limits;
    this.#asWritten = new AvroCompiler(limits);
    this.#asAsked = new AvroCompiler(limits);
  }

  /** Fields by name or alias; the file's others are passed over, the reader's others have their default. @throws LandfallError FILE_DAMAGED */
  record(writer: avro.types.RecordType, asked: avro.types.RecordType, path: Path): ValueReader {
    if (this.#within.has(asked)) throw untaken(path, `the record ${String(asked.name)}, which holds itself`);
    if (path.length > this.#limits.maxDepth) throw avroDamage("its schema is nested deeper than maxDepth");
    this.#within.add(asked);
    const sources = sourcesOf(writer, asked);
    const readers = new Map<avro.types.Field, ValueReader>();
    const reads: { readonly key: string | undefined; readonly read: ValueReader["read"] }[] = [];
    let least = 0;
    for (const field of writer.fields) {
      const target = asked.fields.find((one) => sources.get(one) === field);
      const reader =
        target === undefined
          ? this.#asWritten.value(field.type, [...path, field.name])
          : this.value(field.type, target.type, [...path, target.name]);
      least += reader.least;
      const key = target !== undefined && reader.type !== undefined ? keyOf(target) : undefined;
      reads.push({ key, read: reader.read });
      if (target !== undefined) readers.set(target, reader);
    }
    let constants = "";
    for (const field of asked.fields) {
      if (sources.has(field)) continue;
      const { type, text } = this.#default(field, [...path, field.name]);
      readers.set(field, { type, least: 0, read: () => text });
      if (type !== undefined) constants += `,${keyOf(field)}${text}`;
    }
    this.#within.delete(asked);
    const fields = asked.fields.flatMap(({ name }, i) => {
      const type = readers.get(asked.fields[i]!)!.type;
      return type === undefined ? [] : [nullableField(name, type)];
    });
    if (fields.length === 0) throw untaken(path, "a record without fields");
    return {
      type: { type: "struct", fields },
      least,
      read: (cursor) => {
        let text = "";
        for (const { key, read } of reads) {
          const value = read(cursor);
          if (key !== undefined) text += `,${key}${value}`;
        }
        return `{${(text + constants).slice(1)}}`;
      },
    };
  }

  /** @throws LandfallError FILE_DAMAGED for types that do not resolve */
  value(writer: avro.Type, asked: avro.Type, path: Path): ValueReader {
    const reader = this.#resolved(writer, asked, path);
    if (reader === undefined) throw unlike(writer, asked, path);
    return reader;
  }

  #resolved(writer: avro.Type, asked: avro.Type, path: Path): ValueReader | undefined {
    if (isUnion(writer)) return this.#fromUnion(writer.types, asked, path);
    if (isUnion(asked)) return this.#intoUnion(writer, asked.types, path);
    const logical = this.#logical(writer, asked, path);
    if (logical !== undefined) return logical;
    const [one, other] = [plain(writer), plain(asked)];
    if (one.typeName !== other.typeName && !(isRecord(one) && isRecord(other))) {
      return asked instanceof Noted ? undefined : this.#promoted(one, other, path);
    }
    if (writer instanceof Noted && asked instanceof Noted) return undefined;
    if (asked instanceof Noted) return this.#asAsked.value(asked, path);
    if (isRecord(one) && isRecord(other)) return this.record(one, other, path);
    if (one instanceof avro.types.EnumType && other instanceof avro.types.EnumType)
      return enumInto(one, other, path);
    if (one instanceof avro.types.FixedType && other instanceof avro.types.FixedType)
      return one.size === other.size ? this.#asAsked.value(other, path) : undefined;
    if (one instanceof avro.types.ArrayType && other instanceof avro.types.ArrayType) {
      const here = [...path, "element"];
      return arrayReader(this.value(one.itemsType, other.itemsType, here), here);
    }
    if (one instanceof avro.types.MapType && other instanceof avro.types.MapType) {
      const here = [...path, "value"];
      return mapReader(this.value(one.valuesType as avro.Type, other.valuesType as avro.Type, here), here);
    }
    return this.#asAsked.value(other, path);
  }

  #promoted(writer: avro.Type, asked: avro.Type, path: Path): ValueReader | undefined {
    const promotion = PROMOTIONS[writer.typeName]?.[asked.typeName];
    if (promotion === undefined) return undefined;
    if (promotion === "same") return this.#asAsked.value(asked, path);
    const written = this.#asWritten.value(writer, path);
    return promotion === "bends" ? written : { ...written, type: this.#asAsked.value(asked, path).type };
  }

  /** Two logical types of one meaning: the file's, whose unit or scale its values have. */
  #logical(writer: avro.Type, asked: avro.Type, path: Path): ValueReader | undefined {
    if (!(writer instanceof Noted && asked instanceof Noted)) return undefined;
    const [one, other] = [writer.logicalName, asked.logicalName];
    const isAlike =
      one === other || FAMILIES.some((family) => family.includes(one) && family.includes(other));
    return isAlike ? this.#asWritten.value(writer, path) : undefined;
  }

  /** Every branch of the file's union is read as what is asked for; one that cannot be is a fault once a value of it comes. */
  #fromUnion(branches: readonly avro.Type[], asked: avro.Type, path: Path): ValueReader | undefined {
    const readers = branches.map((branch) => this.#resolved(branch, asked, path));
    const taken = readers.filter((reader) => reader !== undefined);
    if (taken.length === 0) return undefined;
    const types = taken.flatMap(({ type }) => type ?? []);
    const reads = readers.map((reader, i): ValueReader["read"] => {
      if (reader !== undefined) return reader.read;
      return () => {
        throw unlike(branches[i]!, asked, path);
      };
    });
    const read: ValueReader["read"] = (cursor) => branchOf(cursor, reads);
    if (types.length === 0) return { type: undefined, least: 1, read };
    const distinct = new Map(types.map((type) => [JSON.stringify(type), type]));
    const type = oneTypeOf([...distinct.values()]);
    if (type === undefined)
      throw untaken(path, "a union of which avro.avroSchema asks for branches of several types as one");
    return { type, least: 1, read };
  }

  /** Into the branch of the same type, else into the first that takes it (as Avro's Java reader does). */
  #intoUnion(writer: avro.Type, branches: readonly avro.Type[], path: Path): ValueReader | undefined {
    const same = branches.findIndex((branch) => isSame(writer, branch));
    const others = branches.map((branch, i) => (same === i || same < 0 ? branch : undefined));
    for (const [i, branch] of others.entries()) {
      if (branch === undefined || (same < 0 && isNamed(branch))) continue;
      const reader = this.#resolved(writer, branch, path);
      if (reader !== undefined) return this.#asMember(reader, i, branches, path);
    }
    return undefined;
  }

  #asMember(reader: ValueReader, index: number, branches: readonly avro.Type[], path: Path): ValueReader {
    if (reader.type === undefined) return reader;
    const types = branches.map((branch, i) =>
      i === index ? reader.type : this.#asAsked.value(branch, path).type,
    );
    const asked = branches.flatMap((branch) => this.#asAsked.value(branch, path).type ?? []);
    if (oneTypeOf(asked) !== undefined) return reader;
    const members = types.flatMap((type, i): { readonly type: DataType; readonly i: number }[] =>
      type === undefined ? [] : [{ type, i }],
    );
    const fields = members.map(({ type }, at) => nullableField(`member${at}`, type));
    const member = members.findIndex(({ i }) => i === index);
    return {
      type: { type: "struct", fields },
      least: reader.least,
      read: (cursor) => `{"member${member}":${reader.read(cursor)}}`,
    };
  }

  #default(
    field: avro.types.Field,
    path: Path,
  ): { readonly type: DataType | undefined; readonly text: string } {
    const value: unknown = field.defaultValue();
    if (value === undefined)
      throw avroDamage(
        `avro.avroSchema asks for the field ${path.join(".")}, which the file does not have and which has no default`,
      );
    const reader = this.#asAsked.value(field.type, path);
    return { type: reader.type, text: reader.read(new AvroCursor(field.type.toBuffer(value))) };
  }
}

/** For each field that is asked for the file's, by its name before its aliases; each of the file's goes to one. */
function sourcesOf(
  writer: avro.types.RecordType,
  asked: avro.types.RecordType,
): Map<avro.types.Field, avro.types.Field> {
  const byName = new Map(writer.fields.map((field) => [field.name, field]));
  const sources = new Map<avro.types.Field, avro.types.Field>();
  const take = (field: avro.types.Field, names: readonly string[]): void => {
    const source = names.map((name) => byName.get(name)).find((one) => one !== undefined);
    if (source === undefined || sources.has(field)) return;
    sources.set(field, source);
    byName.delete(source.name);
  };
  for (const field of asked.fields) take(field, [field.name]);
  for (const field of asked.fields) take(field, field.aliases);
  return sources;
}

function enumInto(writer: avro.types.EnumType, asked: avro.types.EnumType, path: Path): ValueReader {
  const known = new Set(asked.symbols);
  const { default: other } = asked as avro.types.EnumType & { readonly default?: string };
  const symbols = writer.symbols.map((symbol) => (known.has(symbol) ? symbol : other));
  return {
    type: "string",
    least: 1,
    read: (cursor) => {
      const index = cursor.int();
      if (index < 0 || index >= symbols.length)
        throw avroDamage("an enum names a symbol that it does not have");
      const symbol = symbols[index];
      if (symbol === undefined)
        throw avroDamage(
          `the field ${path.join(".")} holds ${writer.symbols[index]!}, which avro.avroSchema does not have`,
        );
      return JSON.stringify(symbol);
    },
  };
}

function plain(type: avro.Type): avro.Type {
  return type instanceof Noted ? type.underlyingType : type;
}

function isNamed(type: avro.Type): boolean {
  return isRecord(type) || type instanceof avro.types.EnumType || type instanceof avro.types.FixedType;
}

/** The same type, without a promotion; of named ones that of the same name, or alias, without namespaces. */
function isSame(writer: avro.Type, asked: avro.Type): boolean {
  const [one, other] = [plain(writer), plain(asked)];
  if (one.typeName !== other.typeName) return false;
  if (!isNamed(one)) return true;
  const names = [other.name, ...(other.aliases ?? [])].map(unqualified);
  return names.includes(unqualified(one.name));
}

function unqualified(name: string | undefined): string {
  return (name ?? "").replace(/^.*\./, "");
}

function keyOf(field: avro.types.Field): string {
  return `${JSON.stringify(field.name)}:`;
}

function unlike(writer: avro.Type, asked: avro.Type, path: Path): LandfallError {
  const [one, other] = [writer, asked].map((type) =>
    type instanceof Noted ? type.logicalName : type.typeName.replace(/^union:.*/, "union"),
  );
  return avroDamage(
    `the field ${path.join(".")} is ${one!}, which avro.avroSchema's ${other!} does not take`,
  );
}
