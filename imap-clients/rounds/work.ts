import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Place, Worker } from '../mail-client.ts';
import {
  asLines,
  type Contents,
  comparableFlags,
  type MailStore,
  type NewMessage,
  withFlags,
} from '../stores/mail-store.ts';
import { ARCHIVE, after, type Change, make, someChanges } from './changes.ts';
import { generatedMail } from './generated-mail.ts';
import { MANY } from './many.ts';
import { mustHold } from './must-hold.ts';

const FEW = 25;
/** Every script has it, too. */
const KEYWORD = 'Work';

/**
 * What every program is told to do, by the number of a message in INBOX, from 1: it stores the messages of its outbox in Sent as
 * seen; marks each tenth as flagged, and the one after it with a keyword; moves the 7th of each fifty to another mailbox that it makes; expunges
 * the 3rd of each fifty.
 */
export function workOf(contents: Contents, outbox: readonly NewMessage[]): readonly Change[] {
  const inbox = (contents.get('INBOX') ?? []).map(({ digest }) => digest);
  const every = (step: number, at: number): readonly string[] => inbox.filter((_, n) => (n + 1) % step === at);
  return [
    { kind: 'add', mailbox: 'Sent', messages: outbox },
    { kind: 'flag', mailbox: 'INBOX', digests: every(10, 0), flag: '\\Flagged' },
    { kind: 'flag', mailbox: 'INBOX', digests: every(10, 1), flag: KEYWORD },
    { kind: 'move', digests: every(50, 7), from: 'INBOX', to: ARCHIVE },
    { kind: 'remove', mailbox: 'INBOX', digests: every(50, 3) },
  ];
}

export type WorkRound = {
  readonly name: string;
  readonly worker: Worker;
  readonly place: Place;
  readonly server: MailStore;
};

/** It works alone; then others change the same mailboxes while it is away; then it comes back and says what it knows. */
export async function workWithMail({ name, worker, place, server }: WorkRound): Promise<void> {
  const newMail = generatedMail(3);
  await server.add('INBOX', newMail(MANY));
  const outbox = newMail(FEW).map(({ raw }): NewMessage => ({ raw, flags: ['\\Seen'] }));
  const working = await worker.open(place, await filled(join(place.folder, 'outbox'), outbox));
  const atFirst = await server.read();
  await working.begin();
  const read = worker.marksSeen ? allSeen(atFirst) : atFirst;
  const worked = after(read, workOf(atFirst, outbox), worker.digest);
  const comparable = (contents: Contents): readonly string[] =>
    asLines(worker.flags === null ? contents : withFlags(contents, worker.flags));
  mustHold(`the server after the work of ${name}`, comparable(await server.read()), comparable(worked));
  const others = someChanges(worked, newMail(FEW), 0);
  await make(others, server);
  const known = await working.goOn();
  const now = await server.read();
  mustHold(`what ${name} knows against what the server holds`, known, comparable(now));
  const expected = after(worked, others, worker.digest);
  mustHold('the server at the end', comparable(now), comparable(worker.marksSeen ? allSeen(expected) : expected));
}

const allSeen = (contents: Contents): Contents =>
  new Map(
    [...contents].map(([mailbox, messages]) => [
      mailbox,
      messages.map((message) => ({ ...message, flags: comparableFlags([...message.flags, '\\Seen']) })),
    ]),
  );

async function filled(folder: string, messages: readonly NewMessage[]): Promise<string> {
  await mkdir(folder);
  for (const [n, { raw }] of messages.entries())
    await writeFile(join(folder, `${String(n).padStart(3, '0')}.eml`), raw);
  return folder;
}
