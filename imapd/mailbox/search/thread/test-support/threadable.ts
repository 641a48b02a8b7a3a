import type { Uid } from '../../../../store/types.ts';
import type { Threadable } from '../thread-node.ts';

/** A found message whose UID is 100 more than its number. */
export const threadable = (sequence: number, facts: Partial<Omit<Threadable, 'message'>> = {}): Threadable => ({
  message: { uid: (sequence + 100) as Uid, sequence, modSeq: 1 },
  date: sequence,
  subject: '',
  replyOrForward: false,
  ...facts,
});
