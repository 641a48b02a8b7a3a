import { Agent, type IncomingMessage, request as openRequest } from 'node:http';
import { DeadlineError } from '#runtime/deadline.ts';
import type { ContactFailure } from '../ports.ts';
import { contactFailure } from './contact-failure.ts';

export type JsonRequest = {
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly url: string | URL;
  /** Octets: JSON already. */
  readonly body?: object | Buffer | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
};

export type JsonAnswer =
  | { readonly answered: true; readonly status: number; readonly body: unknown }
  | { readonly answered: false; readonly failure: ContactFailure; readonly message: string };

/**
 * An idle connection is used again for so long at most, and less where the other side says so: one that it is just closing
 * would be lost with the request.
 */
const IDLE_MS = 4_000;

/** Connections are kept between requests. */
const connections = new Agent({ keepAlive: true, timeout: IDLE_MS });

/**
 * One request with JSON both ways; the answer must be whole by the deadline. Not fetch: to thousands of processes, each asked
 * once a second, that takes several times as long.
 */
export async function requestJson(request: JsonRequest): Promise<JsonAnswer> {
  try {
    const { status, text } = await exchange(request);
    return { answered: true, status, body: text === '' ? null : JSON.parse(text) };
  } catch (error) {
    return { answered: false, failure: contactFailure(error), message: describe(error) };
  }
}

type Exchanged = { readonly status: number; readonly text: string };

async function exchange({ method, url, body, headers, deadlineMs, signal }: JsonRequest): Promise<Exchanged> {
  const { promise, resolve, reject } = Promise.withResolvers<Exchanged>();
  const octets = body === undefined ? null : octetsOf(body);
  const length = octets === null ? {} : { 'content-length': octets.length };
  const outgoing = openRequest(url, {
    method,
    headers: { 'content-type': 'application/json', ...length, ...headers },
    agent: connections,
  });
  // Said before the connection is destroyed, or it would pass for one that the other side has reset.
  const giveUp = (error: unknown): void => {
    reject(error);
    outgoing.destroy();
  };
  // A timer of its own: an AbortSignal for each request would cost more than the rest of this function.
  let over = false;
  const late = setTimeout(() => {
    // What was held up itself finds its timers before the answer that has come meanwhile: that is looked for first.
    setImmediate(() => {
      if (!over) giveUp(new DeadlineError(`no answer within ${deadlineMs} ms`));
    });
  }, deadlineMs);
  const aborted = (): void => giveUp(signal?.reason);
  signal?.addEventListener('abort', aborted, { once: true });
  if (signal?.aborted === true) aborted();
  outgoing.on('error', reject);
  outgoing.on('response', (response: IncomingMessage) => {
    let text = '';
    response.setEncoding('utf8');
    response.on('data', (part: string) => {
      text += part;
    });
    response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    response.on('error', reject);
  });
  outgoing.end(octets);
  try {
    return await promise;
  } finally {
    over = true;
    clearTimeout(late);
    signal?.removeEventListener('abort', aborted);
  }
}

const octetsOf = (body: object): Buffer => (Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body)));

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
