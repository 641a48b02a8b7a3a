/** `status` takes 1024 characters. */
const LONGEST = 1_000;

/**
 * Why a change is under way, with what has come upon it since. A failover that is tried again and again would grow
 * without end: what began it and what happened last stay.
 */
export function reasonAfter(before: string, since?: string): string {
  const whole = since === undefined ? before : `${before}; ${since}`;
  if (whole.length <= LONGEST) return whole;
  if (since === undefined) return before.slice(0, LONGEST);
  const [first = ''] = before.split('; ');
  const newest = since.slice(0, LONGEST / 2);
  return `${first.slice(0, LONGEST / 2 - '; …; '.length)}; …; ${newest}`;
}
