import { type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import { CHANNEL_PROTOCOL } from '#contract/channel.ts';
import { DeadlineError } from '../deadline.ts';
import { LineChannel } from './line-channel.ts';

export type OpenChannelOptions = {
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Until the other side has agreed. */
  readonly deadlineMs: number;
  /** Ends the attempt, and the channel at any time later. */
  readonly signal?: AbortSignal | undefined;
};

/**
 * Asks for a channel. @throws Error `HTTP STATUS` where the other side refuses · DeadlineError · the signal's reason · the error of
 * the connection, with its code
 */
export async function openChannel({ url, headers, deadlineMs, signal }: OpenChannelOptions): Promise<LineChannel> {
  const { promise, resolve, reject } = Promise.withResolvers<LineChannel>();
  const asked = { ...headers, connection: 'Upgrade', upgrade: CHANNEL_PROTOCOL };
  const outgoing = request(url, { headers: asked, agent: false });
  let channel: LineChannel | null = null;
  // Said before the connection is destroyed, or it would pass for one that the other side has reset.
  const giveUp = (error: Error): void => {
    reject(error);
    outgoing.destroy();
    channel?.close(error);
  };
  const late = setTimeout(() => {
    // What was held up itself finds its timers before the answer that has come meanwhile: that is looked for first.
    setImmediate(() => channel ?? giveUp(new DeadlineError(`no answer within ${deadlineMs} ms`)));
  }, deadlineMs);
  const aborted = (): void => giveUp(signal?.reason instanceof Error ? signal.reason : new Error('given up'));
  signal?.addEventListener('abort', aborted, { once: true });
  outgoing.on('error', reject);
  outgoing.on('response', ({ statusCode }) => giveUp(new Error(`HTTP ${statusCode}`)));
  outgoing.on('upgrade', (response: IncomingMessage, socket: Socket, head: Buffer) => {
    channel = new LineChannel(socket, head);
    channel.onClosed(() => signal?.removeEventListener('abort', aborted));
    if (response.headers.upgrade === CHANNEL_PROTOCOL) resolve(channel);
    else giveUp(new Error(`upgraded to ${response.headers.upgrade}, not to ${CHANNEL_PROTOCOL}`));
  });
  if (signal?.aborted === true) aborted();
  else outgoing.end();
  try {
    return await promise;
  } catch (error) {
    signal?.removeEventListener('abort', aborted);
    throw error;
  } finally {
    clearTimeout(late);
  }
}
