import { once } from 'node:events';
import { connect } from 'node:tls';
import type { Login } from '#demo/clients/mail-session.ts';
import type { PodObject } from './objects.ts';
import { placeOf } from './way-in/way-in.ts';

const PASSWORD = 'correct horse battery staple';
const ADMIN_PORT = 8080;
export const IMAP_PORT = 1143;
export const IMAPS_PORT = 1993;
/** Of a pod that is there; one whose node was without power may be listed under an address that nobody has any more. */
const ANSWER_MS = 2_000;

/** Whether Kubernetes would send a client there. */
export const isReady = ({ metadata, status }: PodObject): boolean =>
  metadata.deletionTimestamp === undefined &&
  status.podIP !== undefined &&
  status.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') === true;

/** Whether it takes sessions by its own word. */
export async function answers(pod: PodObject): Promise<boolean> {
  const signal = AbortSignal.timeout(ANSWER_MS);
  // Out of reach is a no; whoever waits in vain shows the pods (`describe`).
  const response = await fetch(`${await adminUrlOf(pod)}/readyz`, { signal }).catch(() => null);
  await response?.body?.cancel();
  return response?.status === 200;
}

/** SHA-256 fingerprint of the certificate that it shows. */
export async function certificateOf(pod: PodObject): Promise<string> {
  const socket = connect({ ...(await placeOf(pod, IMAPS_PORT)), rejectUnauthorized: false });
  await once(socket, 'secureConnect', { signal: AbortSignal.timeout(5_000) });
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}

export type AdminPort = { readonly url: string; readonly token: string };

/** As `kubectl imap user add` does; how to sign in, null where there is such a user. */
export async function addUser(name: string, { url, token }: AdminPort): Promise<Login | null> {
  const response = await fetch(`${url}/v1/users`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name, password: PASSWORD }),
    signal: AbortSignal.timeout(30_000),
  });
  const answer = (await response.json()) as { partition?: string; message?: string };
  if (response.status === 409) return null;
  if (response.status !== 201) throw new Error(`user ${name}: ${response.status} ${answer.message}`);
  return { user: name, password: PASSWORD, partition: answer.partition ?? '' };
}

export const adminPortOf = async (pod: PodObject, token: string): Promise<AdminPort> => ({
  url: await adminUrlOf(pod),
  token,
});

export async function adminUrlOf(pod: PodObject): Promise<string> {
  const { host, port } = await placeOf(pod, ADMIN_PORT);
  return `http://${host}:${port}`;
}
