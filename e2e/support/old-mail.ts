import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { ofKind } from '#demo/checker/group.ts';
import { type Login, type MailSession, openMailSession } from '#demo/clients/mail-session.ts';
import { pause } from '#runtime/deadline.ts';
import type { Crowd } from './crowd.ts';
import type { MailCluster } from './mail-cluster.ts';

type OldMessage = { readonly uid: number; readonly hash: string };

/** A replica is no further behind than this: whatever is older is on all of them, ms. */
const REPLICATED_MS = 2_000;
const EVERY_MS = 100;

/** Somebody who reads what a crowd's writers had acknowledged for one user some time ago, and has the mailbox open. */
export class OldMail implements AsyncDisposable {
  readonly #session: MailSession;
  readonly #messages: readonly OldMessage[];

  private constructor(session: MailSession, messages: readonly OldMessage[]) {
    this.#session = session;
    this.#messages = messages;
  }

  /** Returns when every replica has it. */
  static async of(mail: MailCluster, crowd: Crowd, login: Login): Promise<OldMail> {
    const { recorder } = crowd;
    const isTheirs = ({ user }: { readonly user: string }): boolean => user === login.user;
    const acknowledged = crowd.appends().filter((one) => isTheirs(one) && one.outcome === 'ok');
    const name = `old mail (${login.user})`;
    const session = await openMailSession({ name, endpoint: await mail.endpoint(), login, recorder });
    await session.ask('SELECT', () => session.client.mailboxOpen('INBOX'));
    await pause(REPLICATED_MS);
    const expunged = new Set(
      ofKind(recorder.events, 'expunge')
        .filter(isTheirs)
        .map(({ uid }) => uid),
    );
    const messages = acknowledged.flatMap(({ uid, hash }) =>
      uid === null || expunged.has(uid) ? [] : [{ uid, hash }],
    );
    return new OldMail(session, messages);
  }

  /** Reads one message after the other for so long. Gives the time that each took, ms; every one is what it was. */
  async read(ms: number): Promise<readonly number[]> {
    const took: number[] = [];
    const end = performance.now() + ms;
    for (let index = 0; performance.now() < end; index += 1) {
      const { uid, hash } = this.#messages[index % this.#messages.length] ?? { uid: 0, hash: 'there is no old mail' };
      const { value, begun, ended, refusal } = await this.#session.ask('FETCH BODY[]', () =>
        this.#session.client.fetchOne(String(uid), { source: true }, { uid: true }),
      );
      const source = value?.source ?? Buffer.alloc(0);
      expect(createHash('sha256').update(source).digest('hex'), `message ${uid}: ${refusal}`).toBe(hash);
      took.push(ended - begun);
      await pause(EVERY_MS);
    }
    return took;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Of one that was dropped there is nothing left to log out of, and its reader has failed by then.
    await this.#session.close().catch(() => undefined);
  }
}
