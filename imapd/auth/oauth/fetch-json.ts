import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';

export type FetchJsonOptions = {
  /** In place of the authorities that Node knows, PEM. */
  readonly ca: Buffer | null;
  readonly timeoutMs: number;
  readonly maxOctets: number;
};

/**
 * A JSON document by HTTPS, in bounded time and memory. A redirect is refused: it could lead anywhere. Not by `fetch`, which
 * takes no authority of its own without a further library.
 * @throws Error with what is wrong
 */
export async function fetchJson(url: URL, { ca, timeoutMs, maxOctets }: FetchJsonOptions): Promise<unknown> {
  const signal = AbortSignal.timeout(timeoutMs);
  const headers = { accept: 'application/json, application/jwk-set+json' };
  // No connection is kept: minutes lie between two of these.
  const request = get(url, { signal, headers, agent: false, ...(ca === null ? {} : { ca }) });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  try {
    if (response.statusCode !== 200) throw new Error(`${url.href} answered ${response.statusCode}, not 200`);
    return JSON.parse((await octetsOf(response, maxOctets)).toString('utf8'));
  } catch (cause) {
    if (cause instanceof SyntaxError) throw new Error(`${url.href} is no JSON`, { cause });
    throw cause;
  } finally {
    response.destroy();
  }
}

async function octetsOf(response: IncomingMessage, maxOctets: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let octets = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    octets += chunk.length;
    if (octets > maxOctets) throw new Error(`the answer is larger than ${maxOctets} octets`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
