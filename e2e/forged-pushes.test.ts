import { afterAll, beforeAll, expect, test } from 'vitest';
import { HEARTBEAT_PATH, PUSH_PATH, type RoutingBelief } from '#contract/push-api.ts';
import type { RoutingDocument } from '#contract/routing-document.ts';
import { generateSigningKey, type SignaturePurpose, type SigningKey, sign } from '#contract/signature.ts';
import { readKeysSecret } from '#operator/kubernetes/ports/keys-data.ts';
import { askOnce } from '#runtime/channel/test-support/ask-once.ts';
import { Crowd } from './support/crowd.ts';
import { adminUrlOf } from './support/imapd-pod.ts';
import { kubectlGet } from './support/kubectl.ts';
import { KubectlImap } from './support/kubectl-imap.ts';
import type { MailCluster } from './support/mail-cluster.ts';
import { onSharedMail, SHARED_MAIL_MS } from './support/on-shared-mail.ts';

/**
 * Promise: whoever reaches imapd's admin port without the operator's key moves nothing, nor does an old document with a good
 * signature: each is refused with the code that says why, the pod goes on by what it had, and nobody at work notices.
 * Budget: 1 minute.
 */
let mail: MailCluster;
let crowd: Crowd;
let operatorKey: SigningKey;
let strangersKey: SigningKey;
/** As the operator wrote it last, and what is in it. */
let signed: string;
let current: RoutingDocument;
/** From before the last change of primary. */
let former: RoutingDocument;

beforeAll(async () => {
  ({ mail } = await onSharedMail());
  const at = `--namespace=${mail.namespace}`;
  const secret = await kubectlGet<{ data: Record<string, string> }>(['secret/mail-keys', at]);
  operatorKey = readKeysSecret(secret.data).signing;
  strangersKey = await generateSigningKey('stranger');
  crowd = await Crowd.gatherForAll(mail, await mail.someUsers('forged'), { idle: 2, list: 0, read: 2, write: 4 });
  former = contentOf(await published());
  await handOver('users-a');
  signed = await published();
  current = contentOf(signed);
}, SHARED_MAIL_MS);
afterAll(async () => await crowd?.leave());

async function handOver(partition: string): Promise<void> {
  await using plugin = await KubectlImap.install(mail.namespace);
  const { status } = await mail.untilHealthy(partition);
  const to = status?.members?.find(({ role }) => role === 'replica')?.name ?? '';
  await plugin.run(['switchover', partition, '--to', to]);
  const after = await mail.untilTakenOver(partition, status?.primary ?? '');
  expect(after.status?.primary).toBe(to);
}

/** What the operator has published last, with its signature. */
async function published(): Promise<string> {
  const object = ['configmap/mail-routing', `--namespace=${mail.namespace}`];
  const { data } = await kubectlGet<{ data: Record<string, string> }>(object);
  const documents = Object.values(data).map((text) => text.trim());
  expect(documents).toHaveLength(1);
  return documents[0] ?? '';
}

const contentOf = (document: string): RoutingDocument =>
  JSON.parse(Buffer.from(document.split('.')[1] ?? '', 'base64url').toString('utf8'));

/** The newest document, changed; its content is else what is in force, so that one that is taken after all harms nobody. */
const changed = (change: Partial<RoutingDocument>): RoutingDocument => ({
  ...current,
  version: current.version + 1,
  ...change,
});
const byOperator = async (document: object, purpose: SignaturePurpose = 'routing'): Promise<string> =>
  await sign(document, purpose, operatorKey.privateJwk);

type Forgery = { readonly what: string; readonly status: number; readonly said: RegExp; make(): Promise<string> };

test.each<Forgery>([
  {
    what: 'signed by a key that is nobody’s',
    status: 422,
    said: /BadSignature/,
    make: async () => await sign(changed({}), 'routing', strangersKey.privateJwk),
  },
  {
    what: 'of other content than was signed',
    status: 422,
    said: /BadSignature/,
    make: async () => {
      const [header, , signature] = signed.split('.');
      return [header, Buffer.from(JSON.stringify(changed({}))).toString('base64url'), signature].join('.');
    },
  },
  { what: 'without a signature', status: 422, said: /BadSignature/, make: async () => JSON.stringify(changed({})) },
  {
    what: 'signed for something else',
    status: 422,
    said: /BadSignature/,
    make: async () => await byOperator(changed({}), 'command'),
  },
  {
    what: 'of another cluster',
    status: 422,
    said: /WrongCluster/,
    make: async () => await byOperator(changed({ cluster: 'another' })),
  },
  {
    what: 'an old one, replayed',
    status: 409,
    said: /version \d+ is not above/,
    make: async () => await byOperator(changed({ version: current.version - 1 })),
  },
  {
    what: 'other content under the version in force',
    status: 409,
    said: /version \d+ is not above/,
    make: async () =>
      await byOperator(changed({ version: current.version, placement: { users: {}, namespaces: {}, slots: [] } })),
  },
  {
    what: 'with a primary that was deposed',
    status: 409,
    said: /epoch \d+ of .* is below/,
    make: async () => await byOperator(changed({ partitions: former.partitions })),
  },
])('a document $what is refused with $status', async ({ status, said, make }) => {
  const document = await make();
  for (const { address, token } of await adminPorts()) {
    const before = await belief(address, token);
    const answer = await send('PUT', `${address}${PUSH_PATH}`, { document });
    expect(answer).toEqual({ status, text: expect.stringMatching(said) });
    expect(await belief(address, token)).toEqual(before);
  }
});

test('a heartbeat of a stranger is refused', async () => {
  for (const { pod, address } of await adminPorts()) {
    const beat = { cluster: 'mail', pod, sequence: 1, echo: null, leases: {} };
    const heartbeat = await sign(beat, 'heartbeat', strangersKey.privateJwk);
    expect(await askOnce(new URL(HEARTBEAT_PATH, address), heartbeat)).toMatchObject({ code: 'BadSignature' });
  }
});

test('people at work noticed nothing', async () => {
  await crowd.untilWritten(20);
  await crowd.verdict();
  expect((await mail.partition('users-a')).status?.epoch).toBe(current.partitions['users-a']?.epoch);
});

async function adminPorts(): Promise<readonly { pod: string; address: string; token: string }[]> {
  const token = await mail.adminToken();
  const pods = await mail.servingPods();
  expect(pods.length).toBeGreaterThan(0);
  return await Promise.all(
    pods.map(async (pod) => ({ pod: pod.metadata.name, address: await adminUrlOf(pod), token })),
  );
}

/** What the pod obeys. How it sees its databases changes by itself. */
async function belief(address: string, token: string): Promise<RoutingBelief['document']> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${address}${PUSH_PATH}`, { headers, signal: AbortSignal.timeout(10_000) });
  return ((await response.json()) as RoutingBelief).document;
}

async function send(method: string, url: string, body: object): Promise<{ status: number; text: string }> {
  const headers = { 'content-type': 'application/json' };
  const signal = AbortSignal.timeout(10_000);
  const response = await fetch(url, { method, headers, body: JSON.stringify(body), signal });
  return { status: response.status, text: await response.text() };
}
