import { type Login, type MailSession, openMailSession } from '../clients/mail-session.ts';
import { append } from '../clients/writer.ts';
import type { Mail } from '../mail/generator.ts';
import type { MailSource } from '../mail/mail-source.ts';
import type { Run } from '../run.ts';

/** Makes the users, fills their mailboxes, and leaves one session a user open to look through later. */
export async function moveIn(run: Run, cast: readonly Login[], mail: MailSource): Promise<readonly MailSession[]> {
  const { cluster, recorder } = run;
  await Promise.all(cast.map(({ user, password }) => cluster.createUser(user, password)));
  const sessions = await Promise.all(
    cast.map((login) =>
      openMailSession({ name: `observer ${login.user}`, endpoint: cluster.endpoint, login, recorder }),
    ),
  );
  await Promise.all(
    sessions.map(async (session, i) => {
      const portion = mail.initial.filter((_, n) => n % sessions.length === i);
      await deliver(run, session, portion);
    }),
  );
  run.narrator.say(`${cast.length} users, ${mail.origin}, delivered over IMAP.`);
  return sessions;
}

async function deliver(run: Run, session: MailSession, portion: readonly Mail[]): Promise<void> {
  for (const message of portion) {
    const uid = await append(session, run, message);
    if (uid === null) throw new Error(`${session.login.user}: a message of ${message.raw.length} octets was refused`);
  }
}
