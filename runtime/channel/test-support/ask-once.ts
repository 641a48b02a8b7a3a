import { openChannel } from '../open-channel.ts';

const WITHIN_MS = 10_000;

/** Opens a channel, says one line and returns the first that comes back, out of its JSON. */
export async function askOnce(url: URL, line: string): Promise<unknown> {
  const signal = AbortSignal.timeout(WITHIN_MS);
  const channel = await openChannel({ url, deadlineMs: WITHIN_MS, signal });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  channel.read(resolve).then(() => reject(new Error('the channel ended without an answer')), reject);
  channel.send(line);
  try {
    return JSON.parse(await promise);
  } finally {
    channel.close();
  }
}
