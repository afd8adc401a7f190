import bunzip from "seek-bzip";

/** What a bzip2 stream holds. @throws Error for a damaged one, or more than `maxBytes` */
export function bunzip2(data: Buffer, maxBytes: number): Buffer {
  let out = Buffer.allocUnsafe(Math.min(maxBytes, Math.max(1024, data.length * 4)));
  let used = 0;
  bunzip.decode(data, {
    writeByte(byte) {
      if (used === out.length) {
        if (used >= maxBytes) throw new Error("it holds more than the limit");
        const grown = Buffer.allocUnsafe(Math.min(maxBytes, used * 2));
        out.copy(grown);
        out = grown;
      }
      out[used++] = byte;
    },
  });
  return out.subarray(0, used);
}
