import { onTestFinished } from 'vitest';
import { type Login, openMailSession } from '#demo/clients/mail-session.ts';
import { createRecorder } from '#demo/clients/recorder.ts';
import { pause } from '#runtime/deadline.ts';
import type { MailCluster } from './mail-cluster.ts';

const EVERY_MS = 250;

/** One mail program after the other connects, looks into INBOX and logs out, until `leave`, or until the test ends. */
export class Visitors {
  readonly #mail: MailCluster;
  readonly #logins: readonly Login[];
  readonly #stop = new AbortController();
  readonly #visits: Promise<number>;

  constructor(mail: MailCluster, logins: readonly Login[]) {
    this.#mail = mail;
    this.#logins = logins;
    this.#visits = this.#visit();
    // Told by `leave`.
    this.#visits.catch(() => undefined);
    onTestFinished(() => this.#stop.abort());
  }

  /** How many there were. @throws Error where one was not served from beginning to end */
  async leave(): Promise<number> {
    this.#stop.abort();
    return await this.#visits;
  }

  async #visit(): Promise<number> {
    const endpoint = await this.#mail.endpoint();
    const recorder = createRecorder(() => performance.now());
    let inVain = 0;
    for (let visits = 0; ; visits += 1) {
      const login = this.#logins[visits % this.#logins.length];
      if (login === undefined) throw new RangeError('visitors need at least one user');
      const refusal = await visit(`visitor ${visits}`, { endpoint, login, recorder }).catch(String);
      // A pod that leaves may take leave of it between two commands: it comes again, to another one.
      inVain = refusal === null ? 0 : inVain + 1;
      if (inVain > 1) throw new Error(`visitor ${visits} was not served, nor was the one before: ${refusal}`);
      if ((await pause(EVERY_MS, this.#stop.signal)) === 'aborted') return visits + 1;
    }
  }
}

type Visit = Omit<Parameters<typeof openMailSession>[0], 'name'>;

/** null where it was served from beginning to end, else why not. */
async function visit(name: string, where: Visit): Promise<string | null> {
  const session = await openMailSession({ name, ...where });
  const { value, refusal } = await session.ask('SELECT', () => session.client.mailboxOpen('INBOX'));
  await session.close();
  return value === null ? String(refusal) : null;
}
