/** The scanners' WebAssembly modules. */
import { readFileSync } from "node:fs";
import { LandfallError, messageOf } from "../../base/landfall-error.ts";

/**
 * Compiles the module of a name. Null where there is no WebAssembly with SIMD (an old processor, a Node without a compiler):
 * TypeScript then scans alone, with the same result.
 *
 * @throws LandfallError INTERNAL if the module is not where it was installed
 */
export function loadWasm(name: "scan" | "csv"): WebAssembly.Module | null {
  if (typeof WebAssembly === "undefined") return null;
  const bytes = moduleBytes(name);
  return WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : null;
}

function moduleBytes(name: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(readFileSync(new URL(`./wasm/${name}.wasm`, import.meta.url)));
  } catch (cause) {
    throw new LandfallError("INTERNAL", {
      message: `cannot read the scanner's WebAssembly module: ${messageOf(cause)}`,
      hint: "Install Landfall again; if that does not help, please report it.",
      cause,
    });
  }
}
