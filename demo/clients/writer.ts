import type { Mail } from '../mail/generator.ts';
import type { MailSession } from './mail-session.ts';
import { going, type Load, type Role, think } from './roles.ts';

/** Appends mail to INBOX; flags and expunges some of what it appended. */
export function writer(nextMail: () => Mail): Role {
  return async (session, load) => {
    await session.ask('SELECT', () => session.client.mailboxOpen('INBOX'));
    while (going(session, load)) {
      const uid = await append(session, load, nextMail());
      if (uid !== null) await touch(session, load, uid);
      await think(load);
    }
  };
}

/** Appends one message and records its fate; its UID where it was acknowledged. */
export async function append(session: MailSession, load: Pick<Load, 'recorder'>, mail: Mail): Promise<number | null> {
  const done = await session.ask('APPEND', () => session.client.append('INBOX', mail.raw));
  const uid = done.value?.uid ?? null;
  const uidValidity = done.value?.uidValidity === undefined ? null : Number(done.value.uidValidity);
  const { begun, ended, outcome } = done;
  const { partition, user } = session.login;
  const where = { partition, user, mailbox: 'INBOX', client: session.name };
  load.recorder.add({ kind: 'append', ...where, begun, ended, outcome, hash: mail.hash, uid, uidValidity });
  return uid;
}

const FLAG_SHARE = 0.3;
const EXPUNGE_SHARE = 0.1;

async function touch(session: MailSession, load: Load, uid: number): Promise<void> {
  const dice = load.random();
  const { client, login } = session;
  const { partition, user } = login;
  const where = { partition, user, mailbox: 'INBOX', client: session.name, uid };
  if (dice < EXPUNGE_SHARE) {
    const request = 'STORE \\Deleted and EXPUNGE';
    const done = await session.ask(request, () => client.messageDelete([uid], { uid: true }));
    load.recorder.add({ kind: 'expunge', ...where, begun: done.begun, ended: done.ended, outcome: done.outcome });
  } else if (dice < EXPUNGE_SHARE + FLAG_SHARE) {
    const flag = '\\Flagged';
    const done = await session.ask('STORE', () => client.messageFlagsAdd([uid], [flag], { uid: true }));
    const { begun, ended, outcome } = done;
    load.recorder.add({ kind: 'flags', ...where, begun, ended, outcome, flag, set: true });
  }
}
