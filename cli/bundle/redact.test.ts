import { expect, test } from 'vitest';
import { redactObject } from './redact-object.ts';
import { redactText } from './redact-text.ts';

/** Planted below; none may be left. */
const PLANTED = 'hunter2';

test.each([
  `{"level":30,"password":"${PLANTED}","msg":"x"}`,
  `{"msg":"{\\"token\\":\\"${PLANTED}\\"}"}`,
  `authorization: Bearer ${PLANTED}`,
  `Authorization: Basic ${PLANTED}=`,
  `postgres://imapcluster_mail:${PLANTED}@users-a-0:5432/imap`,
  `PGPASSWORD=${PLANTED} psql`,
  `a1 LOGIN ada@example.org "${PLANTED} x"`,
  `a1 LOGIN "ada \\" x" ${PLANTED}`,
  `a1 AUTHENTICATE PLAIN ${PLANTED}==`,
  `-----BEGIN PRIVATE KEY-----\n${PLANTED}\n-----END PRIVATE KEY-----`,
  `-----BEGIN EC PRIVATE KEY-----\n${PLANTED}`,
  `eyJhbGciOiJFZERTQSJ9.${PLANTED}.${PLANTED}`,
  `https://x/?access_token=${PLANTED}&y=1`,
  `client-secret: '${PLANTED}'`,
])('%s', (text) => {
  const rest = redactText(`before ${text} after`);
  expect(rest).toContain('[redacted]');
  expect(rest).not.toContain(PLANTED);
  expect(rest).toMatch(/^before /);
});

test.each([
  'ada@example.org: wrong password',
  'secretName: mail-tls',
  'credentialsSecretRef: {name: users-a-db}',
  '{"tokenizer":"x","passwords":true}',
  '/var/lib/imapcluster/tokens',
])('%s says nothing that is secret', (text) => {
  expect(redactText(text)).toBe(text);
});

test('objects: values go, names and everything else stay', () => {
  const object = {
    kind: 'Secret',
    metadata: {
      name: 'mail-keys',
      managedFields: [{ x: 1 }],
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': PLANTED, note: 'mine' },
    },
    data: { 'agent-token': PLANTED, 'signing.json': PLANTED },
  };
  expect(redactObject(object)).toEqual({
    kind: 'Secret',
    metadata: { name: 'mail-keys', annotations: { note: 'mine' } },
    data: { 'agent-token': '[redacted]', 'signing.json': '[redacted]' },
  });
});

test('fields, environment, keys, text inside', () => {
  const object = {
    adminToken: PLANTED,
    spec: { tls: { secretName: 'mail-tls' }, automountServiceAccountToken: false, authentication: { passwords: true } },
    env: [
      { name: 'PGPASSWORD', value: PLANTED },
      { name: 'POD_NAME', value: 'imapd-0' },
    ],
    key: { kty: 'OKP', crv: 'Ed25519', x: 'public', d: PLANTED },
    message: `connecting to postgres://a:${PLANTED}@b`,
    volumes: [{ secret: { secretName: 'mail-imapd-configuration' } }],
  };
  const rest = redactObject(object);
  expect(JSON.stringify(rest)).not.toContain(PLANTED);
  expect(rest).toMatchObject({
    spec: object.spec,
    env: [{ name: 'PGPASSWORD', value: '[redacted]' }, object.env[1]],
    key: { crv: 'Ed25519', x: 'public' },
    volumes: object.volumes,
  });
});
