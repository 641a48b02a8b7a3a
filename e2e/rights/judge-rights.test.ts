import { join } from 'node:path';
import { expect, test } from 'vitest';
import { imapdAccess } from '#operator/cluster/access.ts';
import { testCluster } from '#operator/cluster/test-support/imapd-input.ts';
import { type AuditEvent, readAuditLog } from '../clusters/local/control-plane/audit-log.ts';
import { eventsByAccount } from './events-by-account.ts';
import { judgeRights } from './judge-rights.ts';
import { type PolicyRule, rightsOfRules } from './rights-of-rules.ts';

/** Lines of the audit log of an end-to-end run, as the API server wrote them. */
const recorded = await readAuditLog(join(import.meta.dirname, 'test-support/recorded.jsonl'));
const [imapd, operator] = eventsByAccount(recorded);

const forbidden = (event: AuditEvent, name: string): AuditEvent => ({
  ...event,
  objectRef: { ...event.objectRef, name },
  responseStatus: { code: 403 },
  annotations: { 'authorization.k8s.io/decision': 'forbid' },
});
const rule = (group: string, resource: string, ...verbs: readonly string[]): PolicyRule => ({
  apiGroups: [group],
  resources: [resource],
  verbs,
});
const ofImapd = imapdAccess(testCluster()).role.rules ?? [];
const ofOperator = [
  rule('apps', 'deployments', 'create', 'patch'),
  rule('imapcluster.io', 'mailboxpartitions/status', 'patch'),
  rule('', 'secrets', 'get'),
];

test('the accounts of the product are told from nodes and from those of Kubernetes', () => {
  expect(eventsByAccount(recorded).map(({ account }) => account)).toEqual([
    { namespace: 'e2e-mail', name: 'mail-imapd' },
    { namespace: 'imapcluster-system', name: 'imapcluster-operator' },
  ]);
});

test.each([
  { what: 'the Role of imapd is what it has used', events: imapd?.events, rules: ofImapd, allowed: 1, told: {} },
  {
    what: 'of the operator: apply that made an object needs create too; a look at the kinds needs nothing',
    ...{ events: operator?.events, rules: ofOperator, allowed: 4, told: {} },
  },
  {
    what: 'a right to another object is not used, and does not cover this one',
    ...{ events: imapd?.events, rules: [{ ...rule('', 'configmaps', 'get'), resourceNames: ['other'] }], allowed: 1 },
    told: { unused: ['get configmaps other'], stray: ['get configmaps mail-routing'] },
  },
  {
    what: 'a verb too many, the same resource of another group, and without its subresource',
    events: operator?.events,
    rules: [
      ...ofOperator,
      rule('', 'secrets', 'list'),
      rule('extensions', 'deployments', 'patch'),
      rule('imapcluster.io', 'mailboxpartitions', 'patch'),
    ],
    allowed: 4,
    told: {
      unused: ['list secrets', 'patch deployments.extensions', 'patch mailboxpartitions.imapcluster.io'],
    },
  },
  {
    what: 'a right that somebody else grants',
    ...{ events: operator?.events, rules: ofOperator.slice(1), allowed: 4 },
    told: { stray: ['patch deployments.apps mail-imapd', 'create deployments.apps mail-imapd'] },
  },
  {
    what: 'a right that is missing',
    events: imapd?.events.flatMap((event) => [event, forbidden(event, 'other-routing')]),
    ...{ rules: ofImapd, allowed: 1, told: { refused: ['get configmaps other-routing'] } },
  },
  {
    what: 'a right that was always refused',
    events: imapd?.events.map((event) => forbidden(event, 'mail-routing')),
    ...{ rules: ofImapd, allowed: 0 },
    told: { refused: ['get configmaps mail-routing'], unused: ['get configmaps mail-routing'] },
  },
  {
    what: 'a right that was refused once, by a server that had just started',
    events: imapd?.events.flatMap((event) => [forbidden(event, 'mail-routing'), event]),
    ...{ rules: ofImapd, allowed: 1, told: {} },
  },
])('$what', ({ events = [], rules, allowed, told }) => {
  const nothing = { refused: [], stray: [], unused: [] };
  expect(judgeRights(events, rightsOfRules(rules))).toEqual({ allowed, ...nothing, ...told });
});
