import type { WatchedMailboxState } from '../../store/watched.ts';

/** Whether a user may be told of a mailbox because it is his own (RFC 5465, 5.9). What others' he may be told of is in others/others-watch.ts. */
export const mayWatch = (user: string, { owner }: Pick<WatchedMailboxState, 'owner'>): boolean => owner === user;
