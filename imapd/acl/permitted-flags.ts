import { type InitialFlags, systemFlags } from '../store/types.ts';
import type { Rights } from './rights.ts';

/** The flags of a mailbox that somebody may set and clear: bits of system flags, and whether keywords. */
export type PermittedFlags = { readonly system: number; readonly keywords: boolean };

const {
  '\\Seen': SEEN,
  '\\Deleted': DELETED,
  '\\Answered': ANSWERED,
  '\\Flagged': FLAGGED,
  '\\Draft': DRAFT,
} = systemFlags;

/** RFC 4314, 4: `s` for \Seen, `t` for \Deleted, `w` for all others. null: all. */
export function permittedFlags(rights: Rights): PermittedFlags | null {
  const others = rights.has('w');
  const system =
    (rights.has('s') ? SEEN : 0) | (rights.has('t') ? DELETED : 0) | (others ? ANSWERED | FLAGGED | DRAFT : 0);
  return rights.has('s') && rights.has('t') && others ? null : { system, keywords: others };
}

/** What of flags may be set; the rest is left out without a word. */
export const onlyPermitted = <F extends InitialFlags>(flags: F, permitted: PermittedFlags | null): F =>
  permitted === null
    ? flags
    : { ...flags, system: flags.system & permitted.system, keywords: permitted.keywords ? flags.keywords : [] };
