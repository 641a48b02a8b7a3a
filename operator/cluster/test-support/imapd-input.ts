import { Value } from 'typebox/value';
import { API_VERSION } from '#crds/group.ts';
import { ImapCluster } from '#crds/imap-cluster.ts';
import type { PodDefaults } from '../../objects/pod-defaults.ts';
import type { ImapdInput } from '../imapd-input.ts';

export const podDefaults: PodDefaults = {
  pullPolicy: 'IfNotPresent',
  pullSecrets: [],
  anyAddress: '0.0.0.0',
  logLevel: 'info',
  operatorPeers: [{ namespaceSelector: {}, podSelector: { matchLabels: { app: 'operator' } } }],
  scraperPeers: [],
};

/** A cluster as the API server gives it. `spec` is what a person has written. */
export function testCluster(spec: object = {}, name = 'mail'): ImapCluster {
  const written = {
    apiVersion: API_VERSION,
    kind: 'ImapCluster',
    metadata: { name, namespace: 'post', uid: '5f2c' },
    spec: structuredClone(spec),
  };
  return Value.Parse(ImapCluster, Value.Default(ImapCluster, written));
}

export const imapdInput = (spec: object = {}, change: Partial<ImapdInput> = {}): ImapdInput => ({
  cluster: testCluster(spec),
  image: 'registry.example/imapd:1',
  resources: { requests: { cpu: '0.5', memory: '512Mi' }, limits: { memory: '1024Mi' } },
  pods: podDefaults,
  publicKeys: [{ kty: 'OKP', crv: 'Ed25519', x: 'AAAA' }],
  adminToken: 'a-token-of-some-length',
  scramSecret: 'a-secret-of-some-length',
  ...change,
});
