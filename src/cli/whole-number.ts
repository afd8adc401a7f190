import { LandfallError } from "../base/landfall-error.ts";

/** A flag's value as a whole number from 1. @throws LandfallError USAGE */
export function wholeNumber(flag: string, text: string): number {
  const value = Number(text.replaceAll(/[_,]/g, ""));
  if (/^[\d_,]+$/.test(text) && Number.isSafeInteger(value) && value > 0) return value;
  throw new LandfallError("USAGE", {
    message: `${flag} ${text}: a whole number from 1 is needed.`,
    hint: `For example ${flag} 100.`,
  });
}
