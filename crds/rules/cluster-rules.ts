import { parseDuration } from '../duration.ts';
import type { ImapCluster, ImapClusterSpec } from '../imap-cluster.ts';
import { quantityBetween } from './quantity-between.ts';
import { type Rule, rule } from './rule.ts';

/** Rules of an ImapCluster beyond its schema. */
const between = (at: readonly string[], least: string, most: string): Rule =>
  rule<string>({
    at,
    cel: `duration(self) >= duration('${least}') && duration(self) <= duration('${most}')`,
    message: `${at.at(-1)} lies between ${least} and ${most}`,
    holds: (self) => parseDuration(self) >= parseDuration(least) && parseDuration(self) <= parseDuration(most),
  });

/** All rules of an ImapCluster; the generator puts each where its `at` points. */
export const clusterRules: readonly Rule[] = [
  rule<ImapCluster>({
    at: [],
    cel: "size(self.metadata.name) <= 50 && !self.metadata.name.contains('.')",
    message: 'the name is a DNS label of at most 50 characters: names of pods are made from it',
    holds: ({ metadata }) => metadata.name.length <= 50 && !metadata.name.includes('.'),
  }),
  rule<ImapClusterSpec['authentication']>({
    at: ['spec', 'authentication'],
    cel: 'self.passwords || has(self.oauthBearer) || has(self.clientCertificates)',
    message: 'at least one of passwords, oauthBearer and clientCertificates must be on, or nobody can sign in',
    holds: (self) => self.passwords || self.oauthBearer !== undefined || self.clientCertificates !== undefined,
  }),
  rule<ImapClusterSpec>({
    at: ['spec'],
    cel: 'has(self.tls) || !has(self.authentication) || !has(self.authentication.clientCertificates)',
    message: 'clientCertificates needs tls: certificates are shown under TLS only',
    holds: (self) => self.tls !== undefined || self.authentication.clientCertificates === undefined,
  }),
  between(['spec', 'authentication', 'oauthBearer', 'clockSkew'], '0s', '5m'),
  between(['spec', 'reads', 'maxReplicaLag'], '100ms', '1h'),
  between(['spec', 'sessions', 'writeHold'], '1s', '5m'),
  between(['spec', 'sessions', 'drainGracePeriod'], '0s', '1h'),
  between(['spec', 'sessions', 'idleKeepAlive'], '10s', '29m'),
  quantityBetween(['spec', 'reads', 'recentContentCache'], '0', '16Gi'),
  quantityBetween(['spec', 'reads', 'readAhead'], '0', '16Gi'),
  quantityBetween(['spec', 'messages', 'maxSize'], '1Ki', '1Gi'),
  quantityBetween(['spec', 'metadata', 'maxSize'], '1Ki', '64Ki'),
  quantityBetween(['spec', 'metadata', 'maxPerUser'], '64Ki', '16Mi'),
  quantityBetween(['spec', 'quota', 'storage'], '1Mi', '1Pi'),
  rule<readonly string[]>({
    at: ['spec', 'capabilities', 'disabled'],
    cel: "!('IMAP4rev1' in self) && !('IMAP4REV1' in self)",
    message: 'IMAP4rev1 cannot be disabled: it is the protocol itself',
    holds: (self) => !self.includes('IMAP4rev1') && !self.includes('IMAP4REV1'),
  }),
  rule<readonly string[]>({
    at: ['spec', 'capabilities', 'disabled'],
    cel: "!('LOGINDISABLED' in self)",
    message: 'LOGINDISABLED cannot be disabled: passwords would be sent in clear, to be refused',
    holds: (self) => !self.includes('LOGINDISABLED'),
  }),
];
