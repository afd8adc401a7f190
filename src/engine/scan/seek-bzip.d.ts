/** What Landfall uses of seek-bzip, which brings no types. */
declare module "seek-bzip" {
  const bunzip: {
    /** Writes byte by byte what a bzip2 stream holds. @throws Error for a damaged one */
    decode(input: Buffer, output: { writeByte(byte: number): void }): void;
  };
  export default bunzip;
}
