import { expect, test } from 'vitest';
import { imapdAccess } from '../cluster/access.ts';
import { clusterObjects } from '../cluster/cluster-objects.ts';
import { imapdInput, testCluster } from '../cluster/test-support/imapd-input.ts';
import { disruptionBudgets } from '../partition/objects/disruption-budgets.ts';
import { partitionObjects } from '../partition/objects/partition-objects.ts';
import { memberInput } from '../partition/objects/test-support/member-input.ts';
import { accessRules, type Verb } from './access-rules.ts';

const holds = (group: string, resource: string, verb: string): boolean =>
  accessRules.some(
    (rule) => rule.group === group && rule.resources.includes(resource) && rule.verbs.includes(verb as Verb),
  );

test('no right stands twice, and each has its reason', () => {
  const rights = accessRules.flatMap(({ scope, group, resources, verbs }) =>
    resources.flatMap((resource) => verbs.map((verb) => `${scope} ${verb} ${group}/${resource}`)),
  );
  expect(new Set(rights).size).toBe(rights.length);
  for (const { resources, verbs, why } of accessRules) {
    expect(resources.length * verbs.length).toBeGreaterThan(0);
    expect(why).toMatch(/^[^\n]+\.$/);
  }
});

test('nothing that would make it somebody else: no wildcards, no shells in pods, no rights to rights', () => {
  const dangerous = /^(\*|pods\/(exec|attach|portforward)|serviceaccounts\/token|clusterroles|clusterrolebindings)$/;
  for (const { group, resources, verbs } of accessRules) {
    expect(group).not.toBe('*');
    for (const resource of resources) expect(resource).not.toMatch(dangerous);
    for (const verb of verbs) expect(['get', 'list', 'watch', 'create', 'update', 'patch', 'delete']).toContain(verb);
  }
});

test('it holds what it grants to imapd: the API server refuses a Role with more', () => {
  for (const { apiGroups = [], resources = [], verbs } of imapdAccess(testCluster()).role.rules ?? [])
    for (const group of apiGroups)
      for (const resource of resources)
        for (const verb of verbs) expect(holds(group, resource, verb), `${verb} ${group}/${resource}`).toBe(true);
});

test('it may make and change everything that it builds', () => {
  const member = memberInput();
  const budgets = disruptionBudgets(member.partition, { replicasMayGo: true, members: 3 });
  for (const { apiVersion, kind } of [...clusterObjects(imapdInput()), ...partitionObjects(member), ...budgets]) {
    const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
    const plural = `${kind.toLowerCase()}s`.replace(/ys$/, 'ies');
    for (const verb of ['get', 'list', 'watch', 'create', 'patch'])
      expect(holds(group, plural, verb), `${verb} ${group}/${plural}`).toBe(true);
  }
});
