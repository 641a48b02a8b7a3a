import { expect, test } from 'vitest';
import type { Cluster } from './clusters/cluster.ts';
import { connectCluster } from './clusters/connect-cluster.ts';
import { runCommand } from './clusters/process/run-command.ts';
import { Crowd } from './support/crowd.ts';
import { helmUpgrade, installOperator, OPERATOR_NAMESPACE, RELEASE } from './support/installation.ts';
import { kubectl, kubectlApply, kubectlGet } from './support/kubectl.ts';
import { MailCluster } from './support/mail-cluster.ts';
import { report } from './support/report.ts';
import { saidTo } from './support/said-to.ts';
import { wayIn } from './support/way-in/way-in.ts';

/**
 * Promise: `helm install`, `kubectl apply`, a user, and a mail program reads and writes. The same again changes nothing.
 * Budget: 6 minutes, most of them for images and the first clones.
 */
const RUN_MS = 360_000;

let cluster: Cluster;
let mail: MailCluster;

test(
  'helm install brings an operator of two replicas, one of which leads',
  async () => {
    cluster = await connectCluster();
    const started = performance.now();
    await installOperator(cluster);
    await report({ what: 'helm install, images loaded on every node', value: seconds(started), unit: 's' });
    const { status } = await kubectlGet<{ status: { readyReplicas?: number } }>([
      `deployment/${RELEASE}-operator`,
      `--namespace=${OPERATOR_NAMESPACE}`,
    ]);
    expect(status.readyReplicas).toBe(2);
  },
  RUN_MS,
);

test(
  'kubectl apply brings two partitions and two imapd pods',
  async () => {
    const started = performance.now();
    mail = await MailCluster.shared();
    await report({ what: 'kubectl apply → mail is served', value: seconds(started), unit: 's' });
    const imapd = await mail.pods('imapd');
    expect(imapd.map(({ status }) => status.phase)).toEqual(['Running', 'Running']);
    expect(await mail.pods('database')).toHaveLength(5);
    const columns = await kubectl(['get', 'mbp', `--namespace=${mail.namespace}`]);
    expect(columns).toMatch(/users-a +postgresql +users-a-\d +\d+ +Healthy/);
  },
  RUN_MS,
);

test(
  'users sign in, read and write; nothing is lost or told wrong',
  async () => {
    const users = await mail.someUsers('install', 8);
    expect(new Set(users.map(({ partition }) => partition))).toEqual(new Set(['users-a', 'users-b']));
    const crowd = await Crowd.gather(mail, users, { idle: 8, list: 4, read: 8, write: 8 });
    await crowd.untilWritten(60);
    await crowd.verdict();
  },
  RUN_MS,
);

test(
  'the same values and manifests once more change nothing: no pod is replaced, nothing is written about it',
  async () => {
    const before = [...(await mail.pods('imapd')), ...(await mail.pods('database'))].map(
      ({ metadata }) => metadata.uid,
    );
    await helmUpgrade();
    await mail.apply();
    await mail.untilReady();
    const after = [...(await mail.pods('imapd')), ...(await mail.pods('database'))].map(({ metadata }) => metadata.uid);
    expect(after).toEqual(before);
  },
  RUN_MS,
);

test('helm test signs in over IMAP', async () => {
  const [user] = await mail.someUsers('helm', 1);
  await kubectlApply([
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'login-test', namespace: OPERATOR_NAMESPACE },
      stringData: { username: user?.user, password: user?.password },
    },
  ]);
  const values = [
    'loginTest.credentialsSecretName=login-test',
    `loginTest.host=mail-imap.${mail.namespace}.svc`,
    'loginTest.verifyCertificate=false',
  ];
  await helmUpgrade(values);
  const told = await runCommand(['helm', 'test', RELEASE, `--namespace=${OPERATOR_NAMESPACE}`, '--timeout=90s'], {
    deadlineMs: 120_000,
  });
  expect(told).toMatch(/Phase: +Succeeded/);
}, 180_000);

test('a wrong password is refused over TLS, and the right one is taken', async () => {
  const [user] = await mail.someUsers('refused', 1);
  const said = await saidTo(await mail.endpoint(), [
    `wrong LOGIN ${user?.user} guess`,
    `right LOGIN ${user?.user} "${user?.password}"`,
  ]);
  expect(said[0]).toMatch(/^\* OK /);
  expect(said).toContainEqual(expect.stringMatching(/^wrong NO \[AUTHENTICATIONFAILED\] /));
  expect(said).toContainEqual(expect.stringMatching(/^right OK /));
});

test('in clear text no password is taken, and nobody is told whether it is right', async ({ skip }) => {
  if (wayIn() === 'forwarded') return skip('a port-forward ends inside the pod, from where clear text is taken');
  const [user] = await mail.someUsers('clear', 1);
  const said = await saidTo(await mail.clearEndpoint(), [
    `right LOGIN ${user?.user} "${user?.password}"`,
    `wrong LOGIN ${user?.user} guess`,
  ]);
  expect(said[0]).toMatch(/^\* OK \[CAPABILITY .*STARTTLS LOGINDISABLED/);
  for (const tag of ['right', 'wrong'])
    expect(said).toContainEqual(expect.stringMatching(`^${tag} NO \\[PRIVACYREQUIRED\\] `));
});

const seconds = (since: number): number => Math.round((performance.now() - since) / 100) / 10;
