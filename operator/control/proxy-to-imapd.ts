import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { settled } from '#runtime/settled.ts';
import type { Pod } from '../ports.ts';
import { ControlFailure } from './control-failure.ts';

export type Onward = {
  readonly pod: Pod;
  readonly token: string;
  /** Path and query there. */
  readonly path: string;
};

/**
 * Hands a request about users and their mail on to an imapd, which alone knows the mail schema. Both directions stream,
 * whatever the size.
 */
export async function proxyToImapd(request: IncomingMessage, response: ServerResponse, onward: Onward): Promise<void> {
  const { pod, path, token } = onward;
  try {
    await forward(request, response, { url: new URL(path, pod.adminUrl), token });
  } catch (error) {
    refuse(response, `${pod.name} does not answer: ${(error as Error).message}`);
  }
}

async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  { url, token }: { readonly url: URL; readonly token: string },
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const headers = { ...request.headers, host: url.host, authorization: `Bearer ${token}` };
  const onward = httpRequest(url, { method: request.method, headers }, resolve);
  onward.once('error', reject);
  const sent = pipeline(request, onward);
  const answer = await Promise.race([promise, sent.then(() => promise)]);
  // An imapd may answer, and close, before it has read everything: its answer counts, not the broken pipe.
  void settled(sent);
  response.writeHead(answer.statusCode ?? 502, answer.headers);
  await pipeline(answer, response);
}

function refuse(response: ServerResponse, message: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, body } = new ControlFailure(503, { code: 'Unavailable', message });
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
