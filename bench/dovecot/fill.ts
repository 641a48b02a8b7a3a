import { largeMail, smallMail } from './mails.ts';
import { crowd, type Side, signIn, WORKER } from './side.ts';

/** Messages of 20 KiB in `Large`, at most. */
const LARGE = 1000;
const CROWD_MESSAGES = 20;
const SMALL_AT_ONCE = 200;
const LARGE_AT_ONCE = 20;

export type Filled = { readonly small: number; readonly large: number };

export const filledWith = (messages: number): Filled => ({ small: messages, large: Math.min(LARGE, messages) });

/** Gives both servers the same messages, in the same order, by IMAP: half of them seen. */
export async function fill(side: Side, { small, large }: Filled): Promise<void> {
  const worker = await signIn(side.plain, WORKER);
  await inBatches(small, SMALL_AT_ONCE, (numbers) => worker.appendAll('INBOX', numbers.map(smallMail), halfSeen));
  await worker.command('CREATE Large');
  await inBatches(large, LARGE_AT_ONCE, (numbers) => worker.appendAll('Large', numbers.map(largeMail), halfSeen));
  worker.close();
  for (const user of crowd) {
    const client = await signIn(side.plain, user);
    await inBatches(CROWD_MESSAGES, CROWD_MESSAGES, (numbers) => client.appendAll('INBOX', numbers.map(smallMail)));
    client.close();
  }
}

const halfSeen = (n: number): string => (n % 2 === 0 ? '(\\Seen)' : '()');

async function inBatches(
  total: number,
  size: number,
  work: (numbers: readonly number[]) => Promise<unknown>,
): Promise<void> {
  for (let from = 0; from < total; from += size) {
    await work(Array.from({ length: Math.min(size, total - from) }, (_, i) => from + i + 1));
  }
}
