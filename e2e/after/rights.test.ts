import { expect, test } from 'vitest';
import { accessRules } from '#operator/kubernetes/access-rules.ts';
import { connectCluster } from '../clusters/connect-cluster.ts';
import { type AuditEvent, decisionOf, readAuditLog } from '../clusters/local/control-plane/audit-log.ts';
import { OPERATOR_NAMESPACE, RELEASE } from '../support/installation.ts';

/**
 * Promise: after all other tests, by the API server's own record: the operator was refused nothing, and has used every right
 * that it has, but for those that wait for what did not happen here.
 * Budget: 30 s.
 */
const USER = `system:serviceaccount:${OPERATOR_NAMESPACE}:${RELEASE}-operator`;

/** Rights that a run on this cluster cannot use, and why. */
const UNUSED: Readonly<Record<string, string>> = {
  'update imapclusters/finalizers': 'asked for by API servers that check owner references (OpenShift)',
  'update mailboxpartitions/finalizers': 'asked for by API servers that check owner references (OpenShift)',
  'delete poddisruptionbudgets': 'asked for where a partition shrinks to one server',
  'get podmonitors': 'there is no Prometheus operator on the cluster',
  'create podmonitors': 'there is no Prometheus operator on the cluster',
  'patch podmonitors': 'there is no Prometheus operator on the cluster',
};

/** Rights that one run uses and the next does not, and on what it depends. */
const BY_CHANCE: Readonly<Record<string, string>> = {
  'get pods': 'asked for where somebody else has made a pod under the name of a member',
  'get jobs': 'asked for where a Job runs for long, or was there before',
  'delete jobs': 'asked for where a Job has failed',
};

const named = (verb: string, resource: string): string => `${verb} ${resource}`;
/** The rights that a request needed: server-side apply needs two where it made the object. */
const told = ({ verb, objectRef = {}, responseStatus }: AuditEvent): readonly string[] => {
  const resource = [objectRef.resource, objectRef.subresource].filter((part) => part !== undefined).join('/');
  const made = verb === 'patch' && responseStatus?.code === CREATED;
  return (made ? [verb, 'create'] : [verb]).map((needed) => named(needed, resource));
};
const CREATED = 201;

test('nothing was refused, and no right is left over', async ({ skip }) => {
  const { auditLog } = await connectCluster();
  if (auditLog === null) return skip('the audit log of this cluster cannot be read');
  const own = (await readAuditLog(auditLog)).filter(({ user }) => user.username === USER);
  const allowed = own.filter((event) => decisionOf(event) === 'allow').flatMap(told);
  expect(allowed.length).toBeGreaterThan(1_000);
  const used = new Set(allowed);
  // An API server that has just started forbids for a moment what it has not read the roles of yet.
  const refused = own.filter((event) => decisionOf(event) === 'forbid').flatMap(told);
  expect([...new Set(refused)].filter((right) => !used.has(right))).toEqual([]);
  const rights = accessRules.flatMap(({ resources, verbs }) =>
    resources.flatMap((resource) => verbs.map((verb) => named(verb, resource))),
  );
  const excused = { ...UNUSED, ...BY_CHANCE };
  expect(rights.filter((right) => !used.has(right) && excused[right] === undefined)).toEqual([]);
  // What waits for nothing any more is not excused.
  expect(Object.keys(UNUSED).filter((right) => used.has(right))).toEqual([]);
  expect(Object.keys(excused).filter((right) => !rights.includes(right))).toEqual([]);
}, 60_000);
