/** The type of what people write as a declaration, from its one typed statement in src/declaration/declaration.ts, for editors of TypeScript. */
import type { JsonValue } from "../src/base/lossless-json.ts";
import { declarationJsonSchema } from "../src/declaration/options.ts";

const HEAD = `/**
 * What people write as a declaration, before defaults: each option with its meaning.
 *
 * Generated from src/declaration/declaration.ts by \`node tools/docs.ts\`; change it there.
 */
`;

const WIDTH = 140;

interface Shape {
  readonly description?: string;
  readonly default?: JsonValue;
  readonly type?: string | readonly string[];
  readonly enum?: readonly JsonValue[];
  readonly anyOf?: readonly Shape[];
  readonly items?: Shape;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Shape;
}

/** The declaration first, then a type for each of its sections. */
export function declarationType(): string {
  const shape = declarationJsonSchema() as unknown as Shape;
  const sections = Object.entries(shape.properties!).filter(([, { properties }]) => properties !== undefined);
  const named = (name: string, section: Shape): string =>
    `\n${documentation(section, "")}export interface ${sectionName(name)} ${interfaceBody(section)}`;
  const sectionOr = (name: string) => (field: Shape) =>
    field.properties === undefined ? typeOf(field) : sectionName(name);
  return [HEAD, `export interface Declaration ${interfaceBody(shape, sectionOr)}`]
    .concat(sections.map(([name, section]) => named(name, section)))
    .join("");
}

function sectionName(name: string): string {
  return `Declared${name[0]!.toUpperCase()}${name.slice(1)}`;
}

function interfaceBody(
  shape: Shape,
  types: (name: string) => (field: Shape) => string = () => typeOf,
): string {
  const fields = Object.entries(shape.properties!).map(
    ([name, field]) => `${documentation(field, "  ")}  ${fieldOf(shape, name, types(name))};\n`,
  );
  return `{\n${fields.join("")}}\n`;
}

function fieldOf(shape: Shape, name: string, types: (field: Shape) => string = typeOf): string {
  const field = shape.properties![name]!;
  const type = types(field);
  const isRequired = shape.required?.includes(name) === true;
  const key = /^\w+$/.test(name) ? name : JSON.stringify(name);
  return isRequired ? `readonly ${key}: ${type}` : `readonly ${key}?: ${type} | undefined`;
}

/** @throws Error for what no option has had so far: it must be said here how its type is written */
function typeOf(shape: Shape): string {
  const { anyOf, items, properties, additionalProperties } = shape;
  if (shape.enum !== undefined) return shape.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (anyOf !== undefined) return anyOf.map(typeOf).join(" | ");
  if (items !== undefined) return `readonly ${typeOf(items)}[]`;
  if (properties !== undefined) {
    const fields = Object.keys(properties).map((name) => fieldOf(shape, name));
    return `{ ${fields.join("; ")} }`;
  }
  if (typeof additionalProperties === "object")
    return `{ readonly [name: string]: ${typeOf(additionalProperties)} }`;
  if (Array.isArray(shape.type)) return shape.type.map((type) => typeOf({ ...shape, type })).join(" | ");
  if (shape.type === "integer") return "number";
  if (shape.type === "string" || shape.type === "boolean") return shape.type;
  throw new Error(`no type is known for ${JSON.stringify(shape)}`);
}

function documentation({ description, default: preset }: Shape, indent: string): string {
  const isShown = preset !== undefined && (typeof preset !== "object" || preset === null);
  const text = [description ?? "", isShown ? `Default: \`${JSON.stringify(preset)}\`.` : ""]
    .filter((part) => part !== "")
    .join(" ")
    .replaceAll("*/", "*\\/");
  if (text === "") return "";
  if (text.length + indent.length + 7 <= WIDTH) return `${indent}/** ${text} */\n`;
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length + indent.length + 4 > WIDTH) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}\n`).join("")}${indent} */\n`;
}
