import { validateHeaderName, validateHeaderValue } from 'node:http';
import { CHANNEL_PROTOCOL } from '#contract/channel.ts';
import { DeadlineError } from '../deadline.ts';
import { LeanConnection } from './lean-connection.ts';
import { LineChannel } from './line-channel.ts';
import { type ResponseHead, ResponseHeadReader } from './response-head.ts';

export type OpenChannelOptions = {
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Until the other side has agreed. */
  readonly deadlineMs: number;
  /** Ends the attempt, and the channel at any time later. */
  readonly signal?: AbortSignal | undefined;
};

/**
 * Asks for a channel. Not by node:http, whose sockets are read through all that a stream does: where thousands of agents say a line a
 * second, that would be most of what it costs to hear them. @throws Error `HTTP STATUS` where the other side refuses · DeadlineError ·
 * the signal's reason · the error of the connection, with its code
 */
export async function openChannel({ url, headers = {}, deadlineMs, signal }: OpenChannelOptions): Promise<LineChannel> {
  const asked = requestFor(url, headers);
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<LineChannel>();
  const connection = new LeanConnection(
    url.hostname.replace(/^\[|\]$/g, ''),
    Number(url.port === '' ? HTTP_PORT : url.port),
  );
  const { socket } = connection;
  let channel: LineChannel | null = null;
  // Said before the connection is destroyed, or it would pass for one that the other side has reset.
  const giveUp = (error: unknown): void => {
    reject(error);
    socket.destroy(channel === null ? undefined : (error as Error));
  };
  const late = setTimeout(() => {
    // What was held up itself finds its timers before the answer that has come meanwhile: that is looked for first.
    setImmediate(() => channel ?? giveUp(new DeadlineError(`no answer within ${deadlineMs} ms`)));
  }, deadlineMs);
  const aborted = (): void => giveUp(signal?.reason instanceof Error ? signal.reason : new Error('given up'));
  signal?.addEventListener('abort', aborted, { once: true });
  socket.once('error', reject).once('close', () => {
    signal?.removeEventListener('abort', aborted);
    reject(closed());
  });
  const answer = new ResponseHeadReader();
  connection.onChunk((chunk) => {
    try {
      const head = answer.take(chunk);
      if (head === null) return;
      mustAgree(head);
      connection.onChunk(null);
      connection.putBack(head.rest);
      channel = new LineChannel(socket, NOTHING, (take) => connection.onChunk(take));
      resolve(channel);
    } catch (error) {
      giveUp(error);
    }
  });
  socket.write(asked);
  try {
    return await promise;
  } finally {
    clearTimeout(late);
  }
}

const NOTHING = Buffer.alloc(0);
const HTTP_PORT = 80;
const SWITCHING_PROTOCOLS = 101;

/** @throws TypeError for what has no place in a request */
function requestFor(url: URL, headers: Readonly<Record<string, string>>): string {
  if (url.protocol !== 'http:') throw new TypeError(`a channel begins at an address of http, not of ${url.protocol}`);
  const fields = Object.entries({ host: url.host, ...headers, connection: 'Upgrade', upgrade: CHANNEL_PROTOCOL });
  for (const [name, value] of fields) {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  }
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return `GET ${url.pathname}${url.search} HTTP/1.1\r\n${lines}\r\n`;
}

/** @throws Error with the status where the other side refuses, or with what else it agrees to */
function mustAgree({ status, upgrade }: ResponseHead): void {
  if (status !== SWITCHING_PROTOCOLS) throw new Error(`HTTP ${status}`);
  if (upgrade !== CHANNEL_PROTOCOL) throw new Error(`upgraded to ${upgrade}, not to ${CHANNEL_PROTOCOL}`);
}

/** As node:http says it. */
const closed = (): Error => Object.assign(new Error('the connection ended without an answer'), { code: 'ECONNRESET' });
