import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { usersPath } from '#contract/users-api.ts';
import type { Pod } from '#operator/ports.ts';
import type { Logger } from '#runtime/logger.ts';
import { problem, type RawHandler } from './control-server.ts';

export type ProxyOptions = {
  readonly pods: () => readonly Pod[];
  readonly token: string;
  readonly log: Logger;
};

/**
 * Hands requests about users and their mail on to an imapd, which alone knows the mail schema. Both directions stream,
 * whatever the size. Each request goes to the next imapd in turn.
 */
export function proxyToImapd({ pods, token, log }: ProxyOptions): RawHandler {
  let turn = 0;
  return (request, response) => {
    if (request.url?.startsWith(usersPath) !== true) return false;
    const running = pods();
    const pod = running[turn++ % Math.max(1, running.length)];
    if (pod === undefined) refuse(response, 'no imapd runs');
    else {
      forward(request, response, { url: new URL(request.url, pod.adminUrl), token }).catch((error: Error) => {
        log.debug({ pod: pod.name, error: error.message }, 'a request to an imapd failed');
        refuse(response, `${pod.name} does not answer: ${error.message}`);
      });
    }
    return true;
  };
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
  // An imapd may answer, and close, before it has read everything: its answer counts, not the broken pipe.
  const sent = pipeline(request, onward);
  const answer = await Promise.race([promise, sent.then(() => promise)]);
  sent.catch(() => undefined);
  response.writeHead(answer.statusCode ?? 502, answer.headers);
  await pipeline(answer, response);
}

function refuse(response: ServerResponse, message: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(503, { 'content-type': 'application/json' });
  response.end(JSON.stringify(problem('Unavailable', message)));
}
