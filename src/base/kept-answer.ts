/** The answer of the first call for all later ones too. What was stopped or failed is tried again by whoever asks next. */
export function keptAnswer<Arguments extends readonly unknown[], T>(
  ask: (...given: Arguments) => Promise<T>,
): (...given: Arguments) => Promise<T> {
  let kept: Promise<T> | undefined;
  return (...given) => {
    const answer = (kept ??= ask(...given));
    answer.catch(() => (kept = undefined));
    return answer;
  };
}
