import type { Found } from '../run-search.ts';

/** A message as threading sees it. */
export type Threadable = {
  readonly message: Found;
  /** Sent date, in ms since 1970. */
  readonly date: number;
  /** Base subject as it is compared. */
  readonly subject: string;
  readonly replyOrForward: boolean;
};

/** A message in a thread; without content: what others are replies to, and was not found. */
export type ThreadNode = {
  readonly content: Threadable | null;
  readonly children: readonly ThreadNode[];
};

/** RFC 5256, 2.2: messages of the same moment are in the order of the mailbox. */
export const byDate = (a: Threadable, b: Threadable): number =>
  a.date - b.date || a.message.sequence - b.message.sequence;
