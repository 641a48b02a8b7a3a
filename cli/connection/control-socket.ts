import { Agent, type IncomingMessage, request } from 'node:http';
import { join, resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import {
  ChangeDone,
  CONTROL_SOCKET,
  ControlProblem,
  ControlRouting,
  ControlStatus,
  partitionPath,
  ROUTING_PATH,
  STATUS_PATH,
} from '#contract/control-api.ts';
import { Appended as AppendAnswer, MailboxList, UserList, userPath, usersPath } from '#contract/users-api.ts';
import { socketPath } from '#runtime/socket-path.ts';
import { CliError, EXIT } from '../cli-error.ts';
import type { Appended, ClusterConnection, MessageToAppend } from './cluster-connection.ts';

type Call = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: Uint8Array | string;
  readonly contentType?: string;
  readonly signal?: AbortSignal;
};

const SOCKETS = 32;
const CLIENT_ERROR = 400;
const SERVER_ERROR = 500;
const INSUFFICIENT_STORAGE = 507;
const GO_ON = 'make room, then run the same import again: it goes on where it stopped';

/** A cluster of `npm run standalone`, over the Unix socket in its state folder. */
export class ControlSocketConnection implements ClusterConnection {
  readonly #socketPath: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: SOCKETS });

  constructor(stateFolder: string) {
    const path = join(resolve(stateFolder), CONTROL_SOCKET);
    try {
      this.#socketPath = socketPath(path, process.cwd());
    } catch (cause) {
      throw new CliError(`${(cause as Error).message}; run imapctl from inside that folder`, EXIT.usage, { cause });
    }
  }

  async status(): Promise<ControlStatus> {
    return await this.#json({ method: 'GET', path: STATUS_PATH }, ControlStatus);
  }

  async routing(): Promise<ControlRouting> {
    return await this.#json({ method: 'GET', path: ROUTING_PATH }, ControlRouting);
  }

  async switchover(partition: string, to: string | null): Promise<ChangeDone> {
    const path = partitionPath(partition, 'switchover');
    return await this.#json({ method: 'POST', path, body: JSON.stringify({ to }) }, ChangeDone);
  }

  async failover(
    partition: string,
    options: { readonly acceptDataLoss: boolean; readonly reason: string },
  ): Promise<ChangeDone> {
    const path = partitionPath(partition, 'failover');
    return await this.#json({ method: 'POST', path, body: JSON.stringify(options) }, ChangeDone);
  }

  async listUsers(): Promise<UserList> {
    return await this.#json({ method: 'GET', path: usersPath }, UserList);
  }

  async addUser(name: string, password: string): Promise<void> {
    await this.#done({ method: 'POST', path: usersPath, body: JSON.stringify({ name, password }) });
  }

  async setPassword(name: string, password: string): Promise<void> {
    await this.#done({ method: 'PUT', path: userPath(name, 'password'), body: JSON.stringify({ password }) });
  }

  async removeUser(name: string): Promise<void> {
    await this.#done({ method: 'DELETE', path: userPath(name) });
  }

  async listMailboxes(user: string): Promise<MailboxList> {
    return await this.#json({ method: 'GET', path: userPath(user, 'mailboxes') }, MailboxList);
  }

  async createMailbox(user: string, name: string): Promise<void> {
    await this.#done({ method: 'POST', path: userPath(user, 'mailboxes'), body: JSON.stringify({ name }) });
  }

  async append(message: MessageToAppend): Promise<Appended> {
    const query = new URLSearchParams({ mailbox: message.mailbox, operation: message.operation });
    if (message.internalDate !== null) query.set('internaldate', message.internalDate.toISOString());
    for (const flag of message.flags) query.append('flags', flag);
    const path = `${userPath(message.user, 'messages')}?${query}`;
    const response = await this.#call({ method: 'POST', path, body: message.bytes, contentType: 'message/rfc822' });
    const status = response.statusCode ?? SERVER_ERROR;
    // A failover passes while one waits; a full disk waits for a person.
    if (status === INSUFFICIENT_STORAGE) throw new CliError(`${(await problemOf(response)).message}; ${GO_ON}`);
    if (status >= SERVER_ERROR) return { kind: 'unavailable', reason: (await problemOf(response)).message };
    // 404 is about the user or mailbox: no message after this one would fare better.
    const aboutThisMessage = status >= CLIENT_ERROR && status !== 404;
    if (aboutThisMessage) return { kind: 'refused', reason: (await problemOf(response)).message };
    const { uid, repeated } = await shaped(response, AppendAnswer);
    return { kind: repeated ? 'repeated' : 'stored', uid };
  }

  async exportMailbox(user: string, mailbox: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const path = `${userPath(user, 'messages')}?${new URLSearchParams({ mailbox })}`;
    const response = await this.#call({ method: 'GET', path, signal });
    if ((response.statusCode ?? SERVER_ERROR) >= CLIENT_ERROR) throw new CliError((await problemOf(response)).message);
    return response;
  }

  close(): void {
    this.#agent.destroy();
  }

  async #json<S extends TSchema>(call: Call, schema: S): Promise<Static<S>> {
    return await shaped(await this.#call(call), schema);
  }

  async #done(call: Call): Promise<void> {
    const response = await this.#call(call);
    if ((response.statusCode ?? SERVER_ERROR) >= CLIENT_ERROR) throw new CliError((await problemOf(response)).message);
    response.resume();
  }

  async #call({ method, path, body, contentType = 'application/json', signal }: Call): Promise<IncomingMessage> {
    const { promise, resolve: answered, reject } = Promise.withResolvers<IncomingMessage>();
    const headers =
      body === undefined ? {} : { 'content-type': contentType, 'content-length': Buffer.byteLength(body) };
    const options = { socketPath: this.#socketPath, agent: this.#agent, method, path, headers };
    const outgoing = request(signal === undefined ? options : { ...options, signal }, answered);
    outgoing.once('error', (cause: NodeJS.ErrnoException) => reject(this.#unreachable(cause)));
    outgoing.end(body);
    return await promise;
  }

  #unreachable(cause: NodeJS.ErrnoException): CliError {
    if (cause.code === 'EACCES') {
      const message = `${this.#socketPath} belongs to another user: run imapctl as the one who runs standalone`;
      return new CliError(message, EXIT.unreachable, { cause });
    }
    const why = cause.code === 'ENOENT' || cause.code === 'ECONNREFUSED' ? 'nothing runs there' : cause.message;
    const message = `no answer from ${this.#socketPath} (${why}): start \`npm run standalone\`, or name its folder with --state`;
    return new CliError(message, EXIT.unreachable, { cause });
  }
}

async function shaped<S extends TSchema>(response: IncomingMessage, schema: S): Promise<Static<S>> {
  if ((response.statusCode ?? SERVER_ERROR) >= CLIENT_ERROR) throw new CliError((await problemOf(response)).message);
  const value: unknown = JSON.parse((await buffer(response)).toString('utf8'));
  if (Value.Check(schema, value)) return value;
  const first = Value.Errors(schema, value)[0];
  throw new CliError(`the cluster answered in an unknown way (${first?.instancePath} ${first?.message})`);
}

async function problemOf(response: IncomingMessage): Promise<ControlProblem> {
  const text = (await buffer(response)).toString('utf8');
  try {
    const value: unknown = JSON.parse(text);
    if (Value.Check(ControlProblem, value)) return value;
  } catch {
    // Not JSON: shown as it is.
  }
  return { code: 'Unexpected', message: `HTTP ${response.statusCode}: ${text.slice(0, 200)}` };
}
