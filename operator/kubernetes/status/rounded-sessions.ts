/** Steps of `status.sessions`: each session more or less would be a write to the API. */
const STEP = 100;
/** How far the count may be from what was told before it is told anew: more than half a step, or it would waver there. */
const SLACK = 75;

export function roundedSessions(sessions: number, told: number | undefined): number {
  if (told !== undefined && Math.abs(sessions - told) <= SLACK && (sessions > 0 || told === 0)) return told;
  return Math.round(sessions / STEP) * STEP;
}
