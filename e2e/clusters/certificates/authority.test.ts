import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { Authority } from './authority.ts';

const now = new Date('2026-01-01T00:00:00Z');

test('a client certificate names its user and groups, and is signed by the authority', async () => {
  const authority = await Authority.create(now);
  const pair = await authority.issue(
    { commonName: 'system:node:node1', organizations: ['system:nodes'], usage: 'client' },
    now,
  );
  const certificate = new X509Certificate(pair.certificate);
  expect(certificate.subject).toBe('O=system:nodes\nCN=system:node:node1');
  expect(certificate.checkIssued(new X509Certificate(authority.certificate))).toBe(true);
  expect(certificate.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true);
  expect(certificate.ca).toBe(false);
  // RFC 5280, 4.2.1.12: id-kp-clientAuth, and nothing else.
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
});

test('a server certificate holds for its names and addresses', async () => {
  const authority = await Authority.create(now);
  const request = {
    commonName: 'kube-apiserver',
    usage: 'server',
    names: ['kubernetes'],
    addresses: ['10.0.0.1'],
  } as const;
  const certificate = new X509Certificate((await authority.issue(request, now)).certificate);
  expect(certificate.checkHost('kubernetes')).toBe('kubernetes');
  expect(certificate.checkIP('10.0.0.1')).toBe('10.0.0.1');
  expect(certificate.checkIP('10.0.0.2')).toBeUndefined();
});
