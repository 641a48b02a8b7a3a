const MINUTE_S = 60;
const HOUR_S = 3_600;
const DAY_S = 86_400;

/** `95s`, `12m`, `5h`, `3d`: as coarse as kubectl. */
export function age(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1_000));
  if (seconds < 2 * MINUTE_S) return `${seconds}s`;
  if (seconds < 2 * HOUR_S) return `${Math.floor(seconds / MINUTE_S)}m`;
  return seconds < 2 * DAY_S ? `${Math.floor(seconds / HOUR_S)}h` : `${Math.floor(seconds / DAY_S)}d`;
}
