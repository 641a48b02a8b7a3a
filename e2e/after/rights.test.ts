import { beforeAll, describe, expect, test } from 'vitest';
import { imapdAccess } from '#operator/cluster/access.ts';
import { testCluster } from '#operator/cluster/test-support/imapd-input.ts';
import { accessRules } from '#operator/kubernetes/access-rules.ts';
import { connectCluster } from '../clusters/connect-cluster.ts';
import { readAuditLog } from '../clusters/local/control-plane/audit-log.ts';
import { type AccountEvents, eventsByAccount } from '../rights/events-by-account.ts';
import { judgeRights } from '../rights/judge-rights.ts';
import { type Right, rightText } from '../rights/right.ts';
import { rightsOfRules } from '../rights/rights-of-rules.ts';
import { OPERATOR_NAMESPACE, RELEASE } from '../support/installation.ts';

/**
 * Promise: after all other tests, by the API server's own record: operator and imapd were refused nothing, were let through by
 * nothing but their own roles, and have used every right that they have, but for those that wait for what did not happen here. No other pod of the
 * chart or of the operator (database servers, jobs, the login test) has asked the API server for anything.
 * Budget: 30 s.
 */

/** Rights of the operator that a run on this cluster cannot use, and why. */
const UNUSED: Readonly<Record<string, string>> = {
  'update imapclusters.imapcluster.io/finalizers': 'asked for by API servers that check owner references (OpenShift)',
  'update mailboxpartitions.imapcluster.io/finalizers':
    'asked for by API servers that check owner references (OpenShift)',
  'delete poddisruptionbudgets.policy': 'asked for where a partition shrinks to one server',
  'get podmonitors.monitoring.coreos.com': 'there is no Prometheus operator on the cluster',
  'create podmonitors.monitoring.coreos.com': 'there is no Prometheus operator on the cluster',
  'patch podmonitors.monitoring.coreos.com': 'there is no Prometheus operator on the cluster',
};

/** Those that one run uses and the next does not, and on what it depends. */
const BY_CHANCE: Readonly<Record<string, string>> = {
  'get pods': 'asked for where somebody else has made a pod under the name of a member',
  'get jobs.batch': 'asked for where a Job runs for long, or was there before',
  'delete jobs.batch': 'asked for where a Job has failed',
};

const IMAPD = /-imapd$/;
/** What the operator grants to imapd of the cluster that this is the account of. */
const rightsOfImapd = ({ name }: AccountEvents['account']): readonly Right[] =>
  rightsOfRules(imapdAccess(testCluster({}, name.replace(IMAPD, ''))).role.rules ?? []);

const isOperator = ({ account }: AccountEvents): boolean =>
  account.namespace === OPERATOR_NAMESPACE && account.name === `${RELEASE}-operator`;
const isImapd = ({ account }: AccountEvents): boolean => IMAPD.test(account.name);

let accounts: readonly AccountEvents[] | null;
beforeAll(async () => {
  const { auditLog } = await connectCluster();
  accounts = auditLog === null ? null : eventsByAccount(await readAuditLog(auditLog));
}, 60_000);

describe('by the audit log', () => {
  test('the operator was refused nothing, and no right is left over', ({ skip }) => {
    if (accounts === null) return skip('the audit log of this cluster cannot be read');
    const rights = rightsOfRules(
      accessRules.map(({ group, named, ...rule }) => ({
        apiGroups: [group],
        ...(named === true ? { resourceNames: [`${RELEASE}-operator`] } : {}),
        ...rule,
      })),
    );
    const verdict = judgeRights(
      accounts.filter(isOperator).flatMap(({ events }) => events),
      rights,
    );
    expect(verdict.allowed).toBeGreaterThan(1_000);
    expect(verdict).toMatchObject({ refused: [], stray: [] });
    const excused = { ...UNUSED, ...BY_CHANCE };
    expect(verdict.unused.filter((right) => excused[right] === undefined)).toEqual([]);
    // What waits for nothing any more is not excused.
    expect(Object.keys(UNUSED).filter((right) => !verdict.unused.includes(right))).toEqual([]);
    const known = rights.map(rightText);
    expect(Object.keys(excused).filter((right) => !known.includes(right))).toEqual([]);
  });

  test('nor was imapd of any cluster', ({ skip }) => {
    if (accounts === null) return skip('the audit log of this cluster cannot be read');
    const verdicts = accounts.filter(isImapd).map(({ account, events }) => ({
      account,
      ...judgeRights(events, rightsOfImapd(account)),
    }));
    expect(verdicts.length).toBeGreaterThan(0);
    for (const verdict of verdicts) expect(verdict).toMatchObject({ refused: [], stray: [], unused: [] });
  });

  test('nobody else of ours has asked for anything', ({ skip }) => {
    if (accounts === null) return skip('the audit log of this cluster cannot be read');
    const others = accounts.filter((each) => !isOperator(each) && !isImapd(each));
    expect(others.map(({ account }) => account)).toEqual([]);
  });
});
