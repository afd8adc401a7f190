/** A number of an expression with the type that Spark gives it by its digits and its suffix (AstBuilder.scala, "numeric literals"). */
import type { PrimitiveType } from "../data-type.ts";
import { ExpressionFaultSignal, type LiteralExpression } from "./expression.ts";
import type { ExpressionToken } from "./expression-tokens.ts";

const WHOLE_BITS = { l: ["long", 64n], s: ["short", 16n], y: ["byte", 8n] } as const;
const MOST_DIGITS = 38;

/** @throws ExpressionFaultSignal where no type holds it */
export function numberLiteral(token: ExpressionToken, minus?: ExpressionToken): LiteralExpression {
  const place = { start: minus?.start ?? token.start, end: token.end };
  const [, digits = "", suffix = ""] = /^([0-9.]+(?:e[+-]?[0-9]+)?)(bd|[lsyfd])?$/i.exec(token.value) ?? [];
  const text = `${minus === undefined ? "" : "-"}${digits}`;
  const type = typeOf(text, suffix.toLowerCase());
  if (type === undefined) throw new ExpressionFaultSignal(place, "no type holds this number");
  return { kind: "literal", type, text, ...place };
}

function typeOf(text: string, suffix: string): PrimitiveType | undefined {
  const isWhole = /^-?[0-9]+$/.test(text);
  const hasExponent = /e/i.test(text);
  switch (suffix) {
    case "l":
    case "s":
    case "y": {
      const [type, bits] = WHOLE_BITS[suffix];
      return isWhole && fits(text, bits) ? type : undefined;
    }
    case "f":
      return Number.isFinite(Math.fround(Number(text))) ? "float" : undefined;
    case "d":
      return Number.isFinite(Number(text)) ? "double" : undefined;
    case "bd":
      return hasExponent ? undefined : decimalType(text);
    default:
      if (hasExponent) return Number.isFinite(Number(text)) ? "double" : undefined;
      if (!isWhole) return decimalType(text);
      if (fits(text, 32n)) return "integer";
      return fits(text, 64n) ? "long" : decimalType(text);
  }
}

function fits(text: string, bits: bigint): boolean {
  const value = BigInt(text);
  return BigInt.asIntN(Number(bits), value) === value;
}

/** As many digits as stand there; zeros before the first other one do not count (BigDecimal's precision). */
function decimalType(text: string): PrimitiveType | undefined {
  const [whole = "", fraction = ""] = text.replace("-", "").split(".");
  const significant = (whole + fraction).replace(/^0+/, "").length;
  const scale = fraction.length;
  const precision = Math.max(significant, scale, 1);
  return precision <= MOST_DIGITS ? `decimal(${precision},${scale})` : undefined;
}
