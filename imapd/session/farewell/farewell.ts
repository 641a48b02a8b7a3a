import type { EndReason } from '../session-observer.ts';

/**
 * What a client is told when the server ends its session (RFC 3501, 7.1.5); null where it has been told already or
 * cannot be told.
 */
export const farewell = {
  logout: null,
  clientGone: null,
  clientTooSlow: null,
  // It would be taken for the rest of the response.
  halfResponse: null,
  idle: 'Autologout after a long silence',
  loginTimeout: 'Signing in took too long',
  loginFailures: 'Too many failed attempts to sign in',
  badInput: 'This does not look like IMAP',
  expired: 'What you signed in by has expired, please sign in again',
  unserved: 'Your mailboxes are not served any more, please try again later',
  stopping: 'The server is going down, please connect again',
} as const satisfies Record<EndReason, string | null>;

/**
 * How a session is asked to end. A client that says nothing for `quietMs` is most likely
 * not just sending, and gets its BYE; one that does begin a command gets the answer first, since a BYE that crosses a command
 * would leave that one without any.
 */
export type Farewell = { readonly reason: 'stopping' | 'unserved' | 'expired'; readonly quietMs: number };
export const QUIET_MS = 500;
