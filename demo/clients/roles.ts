import { createHash } from 'node:crypto';
import { pause } from '#runtime/deadline.ts';
import type { MailSession } from './mail-session.ts';
import { type Recorder, type Timed, timed } from './recorder.ts';

/** What every role of the demo's load needs. */
export type Load = {
  readonly recorder: Recorder;
  readonly signal: AbortSignal;
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

function note(session: MailSession, load: Load, done: Timed<unknown> & { readonly name: string }): void {
  const { name, begun, ended, outcome } = done;
  load.recorder.add({ kind: 'command', client: session.name, name, begun, ended, outcome });
}

/** Sits in IDLE on INBOX, as most clients do most of the time. */
export const idler: Role = async (session, load) => {
  await session.client.mailboxOpen('INBOX');
  while (going(session, load)) {
    // Any other command ends IDLE: imapflow sends DONE first.
    const leave = (): void => void timed(load.recorder, async () => session.client.noop());
    load.signal.addEventListener('abort', leave, { once: true });
    await session.client.idle();
    load.signal.removeEventListener('abort', leave);
  }
};

/** Walks through the folders. */
export const lister: Role = async (session, load) => {
  while (going(session, load)) {
    note(session, load, { name: 'LIST', ...(await timed(load.recorder, () => session.client.list())) });
    const status = await timed(load.recorder, () =>
      session.client.status('INBOX', { messages: true, uidNext: true, unseen: true }),
    );
    note(session, load, { name: 'STATUS', ...status });
    await think(load);
  }
};

/** Reads bodies, and sees that they are what their UID promised. */
export const reader: Role = async (session, load) => {
  await session.client.mailboxOpen('INBOX');
  while (going(session, load)) {
    const count = session.client.mailbox === false ? 0 : session.client.mailbox.exists;
    if (count > 0) await readOne(session, load, 1 + Math.floor(load.random() * count));
    await think(load);
  }
};

async function readOne(session: MailSession, load: Load, sequence: number): Promise<void> {
  const done = await timed(load.recorder, () => session.client.fetchOne(String(sequence), { uid: true, source: true }));
  note(session, load, { name: 'FETCH BODY[]', ...done });
  const box = session.client.mailbox;
  if (done.value === null || done.value.source === undefined || box === false) return;
  load.recorder.add({
    kind: 'observation',
    ...session.login,
    mailbox: 'INBOX',
    client: session.name,
    begun: done.begun,
    ended: done.ended,
    uidValidity: Number(box.uidValidity),
    uidNext: null,
    highestModSeq: null,
    messages: [
      {
        uid: done.value.uid,
        hash: createHash('sha256').update(done.value.source).digest('hex'),
        flags: [],
        modSeq: null,
      },
    ],
    whole: false,
  });
}
