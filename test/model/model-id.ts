/** In the form of a UUIDv7: those of a lower process sort first. */
export function modelId(process: number, draw: number): string {
  return `0000000${process}-0000-7000-8000-${String(draw).padStart(12, "0")}`;
}
