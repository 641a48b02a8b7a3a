import type { KeptPasswords, ReplacePasswordsInput } from './replace-passwords.ts';

/** How long until `replacePasswords` has something to do, as things are; null: not before somebody asks for it, or all are there. */
export function nextStageInMs(
  { next, previous, request: obeyed, since }: KeptPasswords,
  { request, now, graceMs, whole }: Omit<ReplacePasswordsInput, 'fresh'>,
): number | null {
  const isAskedFor = request !== null && request !== obeyed && (previous === undefined || whole);
  if (next === undefined && !isAskedFor) return null;
  return since === null ? 0 : Math.max(0, since + graceMs - now);
}
