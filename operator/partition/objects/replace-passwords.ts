import type { OtherPasswords, ReplacementNote, RolePasswords } from './credentials-secret.ts';

/** The passwords of a partition's roles and how far their replacement is; kept in the partition's Secret. */
export type KeptPasswords = OtherPasswords & ReplacementNote & { readonly passwords: RolePasswords };

export type ReplacePasswordsInput = {
  /** What a person asks for; another value than the last one is another replacement. */
  readonly request: string | null;
  readonly now: number;
  /** What the kubelet may take to bring a changed Secret to a pod. */
  readonly graceMs: number;
  /** Every member is there and has all that the primary has, passwords too. */
  readonly whole: boolean;
  /** New passwords. */
  readonly fresh: () => RolePasswords;
};

/**
 * Replacing passwords without a moment in which a program knows only the wrong one:
 *
 *   settled ──asked for──▶ announced: everybody knows the next passwords ──grace──▶ settled: the primary's agent gives them
 *                                                                                    to the database, which may take long
 *
 * The passwords from before stay known until the next replacement: a database whose primary is away still has them, and
 * nobody but that database can tell when it no longer does. Programs that try them in vain lose nothing.
 *
 * @returns the same object where nothing is due
 */
export function replacePasswords(
  kept: KeptPasswords,
  { request, now, graceMs, whole, fresh }: ReplacePasswordsInput,
): KeptPasswords {
  const { passwords, next, previous, since } = kept;
  // The note was lost: nobody can say since when the next ones are known, nor that another request was obeyed.
  if (since === null && next !== undefined) return { ...kept, request, since: now };
  // A clock that was put back makes the grace longer by as much, and no more: every stage notes the time anew.
  const waits = since !== null && now < since + graceMs;
  if (waits) return now < since ? { ...kept, since: now } : kept;
  if (next !== undefined) return { passwords: next, previous: passwords, request: kept.request, since: now };
  if (request === null || request === kept.request) return kept;
  // Whoever is away may have those from before, which another replacement makes unknown: it could never be salvaged.
  if (previous !== undefined && !whole) return kept;
  return { passwords, next: fresh(), ...(previous === undefined ? {} : { previous }), request, since: now };
}
