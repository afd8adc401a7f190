/** Instants for people. */
import { formatDuration } from "../base/units.ts";

/** `2026-03-01 12:30:05` in UTC. */
export function utcText(milliseconds: number): string {
  const instant = new Date(milliseconds);
  // Beyond what a date can hold: a foreign commit's nonsense must not end a listing.
  return Number.isNaN(instant.getTime())
    ? String(milliseconds)
    : instant.toISOString().slice(0, 19).replace("T", " ");
}

const LONG = 3_600_000;
const DAY = 86_400_000;

/** `3 min 05 s ago`, `5 h ago`, `12 days ago`; `just now` for the last second and for the future. */
export function agoText(milliseconds: number, now: number): string {
  const age = now - milliseconds;
  if (age < 1000) return "just now";
  if (age < LONG) return `${formatDuration(age)} ago`;
  if (age < 2 * DAY) return `${Math.floor(age / LONG)} h ago`;
  return `${Math.floor(age / DAY)} days ago`;
}
