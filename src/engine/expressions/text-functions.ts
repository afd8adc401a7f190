/** Spark's functions of texts: characters are code points in both engines. */
import { ExpressionFaultSignal } from "../../schema/expression/expression.ts";
import { quoteText } from "../sql.ts";
import { allowsCase } from "./letter-case.ts";
import {
  constantText,
  constantWhole,
  result,
  textOf,
  type Call,
  type KnownFunction,
} from "./known-function.ts";
import { failing, simple, type SimpleSql } from "./typed-sql.ts";

const length: KnownFunction = {
  takes: [1, 1],
  says: "of a text its characters, of a BINARY its bytes",
  translate: (call) => {
    if (call.arguments[0]!.type === "binary")
      return result(call, `CAST(octet_length(${call.arguments[0]!.sql}) AS INTEGER)`, "integer");
    return result(call, `CAST(length(${textOf(call, 0).sql}) AS INTEGER)`, "integer");
  },
};

const substring: KnownFunction = {
  takes: [2, 3],
  says: "position and length as whole numbers that stand there; a position below 0 counts from the end",
  translate: (call) => {
    const { sql } = textOf(call, 0);
    const position = constantWhole(call, 1);
    const count = call.arguments.length === 3 ? Math.max(0, constantWhole(call, 2)) : undefined;
    if (position >= 0) {
      const rest = count === undefined ? "" : `, ${count}`;
      return result(call, `substring(${sql}, ${Math.max(1, position)}${rest})`, "string");
    }
    // What lies before the beginning counts as taken (UTF8String.substringSQL).
    const start = `(length(${sql}) - ${-position})`;
    const first = `greatest(${start}, 0)`;
    const taken = count === undefined ? "" : `, greatest(${start} + ${count} - ${first}, 0)`;
    return result(call, `substring(${sql}, ${first} + 1${taken})`, "string");
  },
};

/** Of letters that have another length or none in the other case the engines make different things. */
function inCase(name: "upper" | "lower"): KnownFunction {
  return {
    takes: [1, 1],
    says: "of Latin, Greek and Cyrillic letters; a text with others (ß, İ, ς and the like) is an error at its row",
    translate: (call) => {
      const { sql } = textOf(call, 0);
      const fault = failing(`${name} of letters that are not known`, "string");
      const known = `${sql} IS NULL OR ${allowsCase(name, sql)}`;
      return result(call, `(CASE WHEN ${known} THEN ${name}(${sql}) ELSE ${fault} END)`, "string", true);
    },
  };
}

function trimmed(name: "trim" | "ltrim" | "rtrim"): KnownFunction {
  return {
    takes: [1, 1],
    says: "spaces only",
    translate: (call) => result(call, `${name}(${textOf(call, 0).sql}, ' ')`, "string"),
  };
}

function compared(name: string): KnownFunction {
  return {
    takes: [2, 2],
    says: "of texts",
    translate: (call) => result(call, `${name}(${textOf(call, 0).sql}, ${textOf(call, 1).sql})`, "boolean"),
  };
}

const concat: KnownFunction = {
  takes: [1, Number.POSITIVE_INFINITY],
  says: "null where one is null; two bars are the same",
  translate: (call) =>
    result(call, `(${call.arguments.map((_, i) => textOf(call, i).sql).join(" || ")})`, "string"),
};

const concatWs: KnownFunction = {
  takes: [2, Number.POSITIVE_INFINITY],
  says: "the separator as a text that stands there; leaves nulls out",
  translate: (call) => {
    const texts = call.arguments.slice(1).map((_, i) => textOf(call, i + 1).sql);
    return result(call, `concat_ws(${quoteText(constantText(call, 0))}, ${texts.join(", ")})`, "string");
  },
};

const replace: KnownFunction = {
  takes: [2, 3],
  says: "what is replaced as a text that stands there",
  translate: (call) => {
    const searched = constantText(call, 1);
    if (searched === "") throw new ExpressionFaultSignal(call.place, "an empty text is not replaced");
    const by: SimpleSql | { readonly sql: string } =
      call.arguments.length === 3 ? textOf(call, 2) : { sql: "''" };
    return result(call, `replace(${textOf(call, 0).sql}, ${quoteText(searched)}, ${by.sql})`, "string");
  },
};

/** 1 for the first character, 0 where it is not there. */
function position(text: number, part: number): KnownFunction {
  return {
    takes: [2, 2],
    says: "from 1; 0 where it is not there",
    translate: (call) =>
      result(call, `CAST(instr(${textOf(call, text).sql}, ${textOf(call, part).sql}) AS INTEGER)`, "integer"),
  };
}

function left(call: Call): SimpleSql {
  return result(
    call,
    `substring(${textOf(call, 0).sql}, 1, ${Math.max(0, constantWhole(call, 1))})`,
    "string",
  );
}

function digest(name: "md5" | "sha256", says: string, most: number): KnownFunction {
  return {
    takes: [most, most],
    says,
    translate: (call) => {
      if (most === 2 && constantWhole(call, 1) !== 256)
        throw new ExpressionFaultSignal(call.place, "of the lengths of sha2 only 256 is known");
      const value = simple(call.arguments[0]!);
      const { sql } = value.type === "binary" ? value : textOf(call, 0);
      return result(call, `${name}(${sql})`, "string");
    },
  };
}

export const TEXT_FUNCTIONS: Readonly<Record<string, KnownFunction>> = {
  length,
  char_length: length,
  character_length: length,
  len: length,
  substring,
  substr: substring,
  left: { takes: [2, 2], says: "the length as a whole number that stands there", translate: left },
  upper: inCase("upper"),
  ucase: inCase("upper"),
  lower: inCase("lower"),
  lcase: inCase("lower"),
  trim: trimmed("trim"),
  ltrim: trimmed("ltrim"),
  rtrim: trimmed("rtrim"),
  startswith: compared("starts_with"),
  endswith: compared("ends_with"),
  contains: compared("contains"),
  concat,
  concat_ws: concatWs,
  replace,
  instr: position(0, 1),
  locate: position(1, 0),
  md5: digest("md5", "as hexadecimal digits", 1),
  sha2: digest("sha256", "only of 256 bits, as hexadecimal digits", 2),
};
