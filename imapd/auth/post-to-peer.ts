/** An imapd process of the same cluster, by its admin port. */
export type Peer = { readonly host: string; readonly port: number };

export type PostOptions = { readonly token: string; readonly withinMs: number };

/**
 * Tells another imapd something that it does well to know and can do without.
 * @throws Error where it does not answer in time, or does not take it
 */
export async function postToPeer(
  { host, port }: Peer,
  { path, body }: { readonly path: string; readonly body: object },
  { token, withinMs }: PostOptions,
): Promise<void> {
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}${path}`;
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const signal = AbortSignal.timeout(withinMs);
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body), signal });
  await answer.arrayBuffer(); // frees the connection
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
}
