import type { Only } from '../store.ts';

/** What a writer knows of a mailbox whose row it has locked. */
export type LockedMailbox = {
  readonly id: string;
  readonly owner: string;
  readonly name: string;
  readonly keywords: readonly string[];
};

/** Is this not the mailbox that rights were asked for, though it has its name? */
export const isAnother = ({ id }: LockedMailbox, { only }: Only): boolean => only !== undefined && id !== only;
