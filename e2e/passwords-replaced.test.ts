import { beforeAll, test } from 'vitest';
import { waitFor } from './clusters/process/wait-for.ts';
import { Crowd } from './support/crowd.ts';
import { kubectl, kubectlGet } from './support/kubectl.ts';
import type { MailCluster } from './support/mail-cluster.ts';
import { onSharedMail, SHARED_MAIL_MS } from './support/on-shared-mail.ts';

/**
 * Promise: the passwords of a database, and the key that signs what the operator says, are replaced on request under people at work,
 * and nobody notices; a failover afterwards, in which imapd and replicas sign in anew everywhere and everybody takes the
 * new key's word, goes as ever. No session is dropped, nothing acknowledged is lost.
 * Budget: 6 minutes; two of them are the grace in which a kubelet brings the new passwords to everybody, 40 s in a local cluster.
 */
const RUN_MS = 600_000;
/** `keys.rotationGraceSeconds` of the chart, and some more on a busy machine. */
const IN_FORCE_WITHIN_MS = 240_000;
/** What a kubelet may take to bring the changed Secret to the primary's agent. */
const REPLACED_WITHIN_MS = 180_000;
const PARTITION = 'users-a';
const CLUSTER = 'mail';

let mail: MailCluster;

beforeAll(async () => {
  ({ mail } = await onSharedMail());
}, SHARED_MAIL_MS);

/** Of imapd's role, as the operator has it. */
async function password(): Promise<string> {
  const { data } = await kubectlGet<{ data: Readonly<Record<string, string>> }>([
    `secret/${PARTITION}-credentials`,
    `--namespace=${mail.namespace}`,
  ]);
  const file = Buffer.from(data['mail.json'] ?? '', 'base64').toString();
  return (JSON.parse(file) as { readonly password: string }).password;
}

/** `kid` of the key that signs, as the operator has it. */
async function signingKey(): Promise<string> {
  const { data } = await kubectlGet<{ data: Readonly<Record<string, string>> }>([
    `secret/${CLUSTER}-keys`,
    `--namespace=${mail.namespace}`,
  ]);
  const pair = Buffer.from(data['signing.json'] ?? '', 'base64').toString();
  return (JSON.parse(pair) as { readonly publicJwk: { readonly kid: string } }).publicJwk.kid;
}

/** Whether the agent of the primary says that the database has taken them. */
async function isReplacedSince(time: string): Promise<boolean> {
  const { metadata } = await mail.primary(PARTITION);
  const at = `--namespace=${mail.namespace}`;
  const log = await kubectl(['logs', metadata.name, at, '--container=database', `--since-time=${time}`]);
  return log.includes('"PasswordsReplaced"');
}

test(
  'passwords of a database and the signing key are replaced under load, and a failover finds them in force',
  async () => {
    const crowd = await Crowd.gather(mail, await mail.someUsers('passwords', 6), {
      ...{ idle: 4, list: 2, read: 4, write: 6 },
    });
    const [old, oldKey] = [await password(), await signingKey()];
    const since = new Date().toISOString();
    const request = `imapcluster.io/rotate-credentials=${Date.now()}`;
    const at = `--namespace=${mail.namespace}`;
    await kubectl(['annotate', `mailboxpartition/${PARTITION}`, at, request, '--overwrite']);
    await kubectl([
      'annotate',
      `imapcluster/${CLUSTER}`,
      at,
      `imapcluster.io/rotate-signing-key=${Date.now()}`,
      '--overwrite',
    ]);
    const inForce = async (): Promise<boolean> => (await password()) !== old && (await signingKey()) !== oldKey;
    await waitFor(inForce, {
      what: 'new passwords and a new key in force',
      deadlineMs: IN_FORCE_WITHIN_MS,
      everyMs: 1_000,
    });
    const isReplaced = async (): Promise<boolean> => await isReplacedSince(since);
    await waitFor(isReplaced, { what: 'the database to have them', deadlineMs: REPLACED_WITHIN_MS, everyMs: 1_000 });
    await crowd.untilWritten(20);
    const { metadata } = await mail.primary(PARTITION);
    await kubectl(['delete', `pod/${metadata.name}`, at, '--grace-period=0', '--force', '--wait=false']);
    await mail.untilTakenOver(PARTITION, metadata.name);
    await crowd.untilWritten(20);
    await crowd.verdict();
  },
  RUN_MS,
);
