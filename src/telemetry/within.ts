/** What the promise comes to, or `late` when that takes longer. What is late goes on by itself. */
export async function within<Value, Late>(
  milliseconds: number,
  promise: Promise<Value>,
  late: Late,
): Promise<Value | Late> {
  const tooLate = Promise.withResolvers<Late>();
  const timer = setTimeout(() => tooLate.resolve(late), milliseconds);
  try {
    return await Promise.race([promise, tooLate.promise]);
  } finally {
    clearTimeout(timer);
  }
}
