import { LandfallError } from "../../base/landfall-error.ts";

/** Says that a file is no Avro, or not whole, or of types that are not taken. Its reader gives the name. */
export function avroDamage(what: string, cause?: unknown): LandfallError {
  return new LandfallError("FILE_DAMAGED", {
    message: `Avro: ${what}`,
    hint: "Nothing of the file was taken: have it written anew.",
    ...(cause === undefined ? {} : { cause }),
  });
}
