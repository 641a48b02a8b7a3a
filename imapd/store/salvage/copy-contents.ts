import { randomUUID } from 'node:crypto';
import type { OperationId } from '../types.ts';
import type { SalvageContext } from './salvage-context.ts';
import type { TailRow } from './salvage-statements.ts';

/**
 * Copies the content of messages, as it is and under its own id, which is random and stands for the same octets for ever.
 * A chunk is a transaction, as in an upload; an entry of `staged` lets the collector find what a broken run leaves.
 */
export async function copyContents<C>(context: SalvageContext<C>, messages: readonly TailRow[]): Promise<void> {
  const { target, attempt, statements } = context;
  const wanted = [...new Set(messages.map((message) => message.content))];
  const missing = await target.read((c) => statements.contents.missing(c, wanted), attempt);
  for (const content of missing) {
    attempt.signal.throwIfAborted();
    await copyContent(context, content);
  }
}

async function copyContent<C>(context: SalvageContext<C>, id: string): Promise<void> {
  const { source, member } = context;
  const { contents } = context.statements;
  const content = await contents.content(source, id);
  if (content === null) throw new Error(`content ${id} of ${member} is missing`);
  for (let number = 0; number < content.chunks; number++) {
    const chunk = await contents.chunk(source, id, number);
    if (chunk === null) throw new Error(`chunk ${number} of content ${id} of ${member} is missing`);
    await write(context, (tx) => contents.insertChunk(tx, chunk));
  }
  await write(context, (tx) => contents.insertContent(tx, content));
}

/** Whether a content is there is asked before, and the row's key decides after: the operation needs no lasting name. */
async function write<C>({ target, attempt }: SalvageContext<C>, work: (tx: C) => Promise<void>): Promise<void> {
  const done = async (tx: C): Promise<null> => {
    await work(tx);
    return null;
  };
  await target.mutate(randomUUID() as OperationId, done, attempt);
}
