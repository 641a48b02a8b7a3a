import type { WatchedMailboxState } from '../../store/watched.ts';

/** Whether a user may be told of a mailbox (RFC 5465, 5.9): the one place where that is asked. */
export const mayWatch = (user: string, { owner }: Pick<WatchedMailboxState, 'owner'>): boolean => owner === user;
