/** A Parquet file as large as those that are copied whole, whatever its rows. */

const PADDING_BYTES = 33 * 1024 ** 2;

/** Room between the data and the footer, where indexes stand that no reader must know. */
export function paddedParquet(bytes: Buffer): Buffer {
  const footer = bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8);
  return Buffer.concat([bytes.subarray(0, footer), Buffer.alloc(PADDING_BYTES), bytes.subarray(footer)]);
}
