/**
 * Milliseconds to wait before the attempt, of those that others came before: 50 ms, doubling, at most 5 s, with jitter so that two who
 * collided do not collide again.
 *
 * @param attempt from 1 on
 */
export function conflictBackoff(attempt: number): number {
  return Math.min(5000, 50 * 2 ** (attempt - 1)) * (0.5 + Math.random());
}
