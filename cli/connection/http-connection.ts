import type { IncomingMessage } from 'node:http';
import type { Static, TSchema } from 'typebox';
import {
  ChangeDone,
  ControlRouting,
  ControlStatus,
  partitionPath,
  ROUTING_PATH,
  STATUS_PATH,
} from '#contract/control-api.ts';
import {
  Appended as AppendAnswer,
  MailboxList,
  type UserChange,
  UserDetails,
  UserList,
  userPath,
  usersPath,
} from '#contract/users-api.ts';
import { pause } from '#runtime/deadline.ts';
import { CliError, EXIT } from '../cli-error.ts';
import { type Call, CLIENT_ERROR, mustBeDone, problemOf, SERVER_ERROR, send, shaped } from './call.ts';
import type { Appended, MessageToAppend } from './cluster-connection.ts';
import type { HttpPeer } from './http-peer.ts';

const INSUFFICIENT_STORAGE = 507;
const OVER_QUOTA = 'OverQuota';
const GO_ON = 'run the same import again: it goes on where it stopped';
/**
 * By code of a refusal. Another operator leads after so many seconds at the latest: on a lost node after a little more than
 * its Lease.
 */
const ATTEMPTS: Readonly<Record<string, number>> = { NotLeading: 10, NoSuchCluster: 3 };
const BETWEEN_ATTEMPTS_MS = 1_000;

/** The control API and the users' API of a cluster, over HTTP to whoever answers them. */
export class HttpConnection {
  readonly #control: HttpPeer;
  readonly #mail: HttpPeer;

  /** @param peers who answers for the cluster, and who for users and their mail */
  constructor({ control, mail }: { readonly control: HttpPeer; readonly mail: HttpPeer }) {
    this.#control = control;
    this.#mail = mail;
  }

  async status(): Promise<ControlStatus> {
    return await this.#asked({ method: 'GET', path: STATUS_PATH }, ControlStatus);
  }

  async routing(): Promise<ControlRouting> {
    return await this.#asked({ method: 'GET', path: ROUTING_PATH }, ControlRouting);
  }

  async switchover(partition: string, to: string | null): Promise<ChangeDone> {
    const path = partitionPath(partition, 'switchover');
    return await this.#asked({ method: 'POST', path, body: JSON.stringify({ to }) }, ChangeDone);
  }

  async failover(
    partition: string,
    options: { readonly acceptDataLoss: boolean; readonly reason: string },
  ): Promise<ChangeDone> {
    const path = partitionPath(partition, 'failover');
    return await this.#asked({ method: 'POST', path, body: JSON.stringify(options) }, ChangeDone);
  }

  async listUsers(): Promise<UserList> {
    return await shaped(await send(this.#mail, { method: 'GET', path: usersPath }), UserList);
  }

  async addUser(name: string, password: string, change: UserChange): Promise<void> {
    await this.#done({ method: 'POST', path: usersPath, body: JSON.stringify({ name, password, ...change }) });
  }

  async showUser(name: string): Promise<UserDetails> {
    return await shaped(await send(this.#mail, { method: 'GET', path: userPath(name) }), UserDetails);
  }

  async changeUser(name: string, change: UserChange): Promise<UserDetails> {
    const call: Call = { method: 'PATCH', path: userPath(name), body: JSON.stringify(change) };
    return await shaped(await send(this.#mail, call), UserDetails);
  }

  async setPassword(name: string, password: string): Promise<void> {
    await this.#done({ method: 'PUT', path: userPath(name, 'password'), body: JSON.stringify({ password }) });
  }

  async removeUser(name: string): Promise<void> {
    await this.#done({ method: 'DELETE', path: userPath(name) });
  }

  async listMailboxes(user: string): Promise<MailboxList> {
    return await shaped(await send(this.#mail, { method: 'GET', path: userPath(user, 'mailboxes') }), MailboxList);
  }

  async createMailbox(user: string, name: string): Promise<void> {
    await this.#done({ method: 'POST', path: userPath(user, 'mailboxes'), body: JSON.stringify({ name }) });
  }

  async append(message: MessageToAppend): Promise<Appended> {
    const query = new URLSearchParams({ mailbox: message.mailbox, operation: message.operation });
    if (message.internalDate !== null) query.set('internaldate', message.internalDate.toISOString());
    for (const flag of message.flags) query.append('flags', flag);
    const path = `${userPath(message.user, 'messages')}?${query}`;
    const call: Call = { method: 'POST', path, body: message.bytes, contentType: 'message/rfc822' };
    try {
      return await appended(await send(this.#mail, call));
    } catch (error) {
      // The pod went away: another one will say whether it was stored.
      const lost = this.#mail.hasOthers && error instanceof CliError && error.exitCode === EXIT.unreachable;
      if (lost) return { kind: 'unavailable', reason: error.message };
      throw error;
    }
  }

  async exportMailbox(user: string, mailbox: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const path = `${userPath(user, 'messages')}?${new URLSearchParams({ mailbox })}`;
    const response = await send(this.#mail, { method: 'GET', path, signal });
    await mustBeDone(response);
    return response;
  }

  close(): void {
    this.#control.agent.destroy();
    this.#mail.agent.destroy();
  }

  /**
   * To whoever leads. One that leads no more has done nothing, nor has one that does not know the cluster, as a new leader in
   * its first moments: the same can be asked again.
   */
  async #asked<S extends TSchema>(call: Call, schema: S): Promise<Static<S>> {
    for (let attempt = 1; ; attempt += 1) {
      const response = await send(this.#control, call);
      const isRefused = (response.statusCode ?? SERVER_ERROR) >= CLIENT_ERROR;
      if (!isRefused || !this.#control.hasOthers) return await shaped(response, schema);
      const { code, message } = await problemOf(response);
      if (attempt >= (ATTEMPTS[code] ?? 1)) {
        throw new CliError(message, code === 'NotLeading' ? EXIT.unreachable : EXIT.failed);
      }
      this.#control.agent.destroy();
      await pause(BETWEEN_ATTEMPTS_MS);
    }
  }

  async #done(call: Call): Promise<void> {
    const response = await send(this.#mail, call);
    await mustBeDone(response);
    response.resume();
  }
}

async function appended(response: IncomingMessage): Promise<Appended> {
  const status = response.statusCode ?? SERVER_ERROR;
  // A failover passes while one waits; a full disk waits for a person.
  if (status === INSUFFICIENT_STORAGE)
    throw new CliError(`${(await problemOf(response)).message}; make room, then ${GO_ON}`);
  if (status >= SERVER_ERROR) return { kind: 'unavailable', reason: (await problemOf(response)).message };
  // 404 is about the user or mailbox, 401 about us: no message after this one would fare better.
  const aboutThisMessage = status >= CLIENT_ERROR && status !== 404 && status !== 401;
  if (aboutThisMessage) {
    const { code, message } = await problemOf(response);
    // A smaller one might still fit, and would leave a mailbox with gaps that nobody asked for.
    if (code === OVER_QUOTA) throw new CliError(`${message}; then ${GO_ON}`);
    return { kind: 'refused', reason: message };
  }
  const { uid, repeated } = await shaped(response, AppendAnswer);
  return { kind: repeated ? 'repeated' : 'stored', uid };
}
