/** What the scanner uses of WebAssembly; TypeScript keeps its types with those of browsers. */
declare namespace WebAssembly {
  class Memory {
    constructor(limits: { readonly initial: number });
    /** Another object after each growth; views of the one before have no bytes left. */
    readonly buffer: ArrayBuffer;
    /** Adds pages of 64 KiB; throws a RangeError if there is no room. */
    grow(pages: number): number;
  }
  interface Module {
    readonly [Symbol.toStringTag]: string;
  }
  const Module: new (bytes: Uint8Array<ArrayBuffer>) => Module;
  class Instance {
    constructor(module: Module, imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>);
    readonly exports: Readonly<Record<string, unknown>>;
  }
  /** False also for what this processor or this Node cannot run. */
  function validate(bytes: Uint8Array<ArrayBuffer>): boolean;
}
