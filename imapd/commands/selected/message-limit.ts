import type { MessageSelection } from '../../mailbox/mailbox-cursor.ts';
import type { Output } from '../../session/output.ts';
import { type Completion, no } from '../completion.ts';

/** What a command works on where only so many messages are allowed (RFC 9738). */
export type Allowed = {
  readonly messages: MessageSelection;
  /** MESSAGELIMIT, for what the command ends with; null: nothing was left out. */
  readonly code: LimitCode | null;
};

type LimitCode = `MESSAGELIMIT ${number}` | `MESSAGELIMIT ${number} ${number}`;

/** Of more than `limit` messages those with the highest UIDs (RFC 9738, 3.1). */
export function allowed(messages: MessageSelection, limit: number): Allowed {
  const { uids, sequences } = messages;
  if (uids.length <= limit) return { messages, code: null };
  const last = { uids: uids.subarray(-limit), sequences: sequences.subarray(-limit) };
  return { messages: last, code: `MESSAGELIMIT ${limit} ${last.uids[0] ?? 0}` };
}

/** How a command ends that does all or nothing. */
export const tooManyMessages = (code: LimitCode): Completion =>
  no('That is more messages than one command may work on; nothing was done', code);

/** A command that has done a part; the code of the limit gives way to others: then it is told before (RFC 9738, 3.1). */
export async function partly(completion: Completion, code: LimitCode | null, output: Output): Promise<Completion> {
  if (code === null) return completion;
  if (completion.code === undefined) return { ...completion, code, text: `${completion.text} ${PART}` };
  await output.write(`* NO [${code}] Only done ${PART}\r\n`);
  return completion;
}

const PART = 'for the last messages: please go on with the others';
