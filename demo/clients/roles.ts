import { createHash } from 'node:crypto';
import { pause } from '#runtime/deadline.ts';
import type { MailSession } from './mail-session.ts';
import type { Recorder } from './recorder.ts';

/** What every role of the demo's load needs. */
export type Load = {
  readonly recorder: Recorder;
  readonly signal: AbortSignal;
  /** This session's own dice. */
  readonly random: () => number;
  /** Pause between two requests of one session, ms. */
  readonly thinkMs: number;
};

/** A client's habit: runs until the signal fires or its connection is gone. */
export type Role = (session: MailSession, load: Load) => Promise<void>;

/** Whether a role should go on. */
export const going = (session: MailSession, load: Load): boolean => !load.signal.aborted && session.client.usable;
/** The pause of a person, or of a program, between two requests. */
export const think = (load: Load): Promise<unknown> => pause(load.thinkMs * (0.5 + load.random()), load.signal);

/** Sits in IDLE on the mailbox it has selected, as most clients do most of the time. */
export const idler: Role = async (session, load) => {
  while (going(session, load)) {
    let left: Promise<unknown> = Promise.resolve();
    // Any other command ends IDLE: imapflow sends DONE first.
    const leave = (): void => {
      left = session.noop();
    };
    load.signal.addEventListener('abort', leave, { once: true });
    await session.client.idle();
    load.signal.removeEventListener('abort', leave);
    await left;
    await think(load);
  }
};

/** Walks through the folders. */
export const lister: Role = async (session, load) => {
  while (going(session, load)) {
    await session.ask('LIST', () => session.client.list());
    await session.ask('STATUS', () => status(session));
    await think(load);
  }
};

const atom = (value: string): { readonly type: 'ATOM'; readonly value: string } => ({ type: 'ATOM', value });

/** What imapflow sends all its commands by; its types leave it out. */
type Commanding = MailSession['client'] & {
  exec(command: string, attributes: readonly unknown[]): Promise<{ readonly next: () => void }>;
};

/** As a command of its own: imapflow's way asks LIST as well where it is refused, and the two would be timed as one. */
async function status({ client }: MailSession): Promise<true> {
  const { next } = await (client as Commanding).exec('STATUS', [
    atom('INBOX'),
    ['MESSAGES', 'UIDNEXT', 'UNSEEN'].map(atom),
  ]);
  next();
  return true;
}

/** Reads bodies, and sees that they are what their UID promised. */
export const reader: Role = async (session, load) => {
  await session.ask('SELECT', () => session.client.mailboxOpen('INBOX'));
  while (going(session, load)) {
    const count = session.client.mailbox === false ? 0 : session.client.mailbox.exists;
    if (count > 0) await readOne(session, load, 1 + Math.floor(load.random() * count));
    await think(load);
  }
};

async function readOne(session: MailSession, load: Load, sequence: number): Promise<void> {
  const { begun, ended, value } = await session.ask('FETCH BODY[]', () =>
    session.client.fetchOne(String(sequence), { uid: true, source: true }),
  );
  const box = session.client.mailbox;
  if (value?.source === undefined || box === false) return;
  const hash = createHash('sha256').update(value.source).digest('hex');
  const { partition, user } = session.login;
  load.recorder.add({
    kind: 'observation',
    partition,
    user,
    mailbox: 'INBOX',
    client: session.name,
    begun,
    ended,
    uidValidity: Number(box.uidValidity),
    uidNext: null,
    highestModSeq: null,
    messages: [{ uid: value.uid, hash, flags: [], modSeq: null }],
    whole: false,
  });
}
