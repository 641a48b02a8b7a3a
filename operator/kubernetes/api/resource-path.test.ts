import { expect, test } from 'vitest';
import { leases, nodes, pods } from './resource.ts';
import { resourcePath } from './resource-path.ts';

test('the core group, a named group, what is in no namespace, subresources', () => {
  expect(resourcePath(pods, {})).toBe('/api/v1/pods');
  expect(resourcePath(pods, { namespace: 'mail' })).toBe('/api/v1/namespaces/mail/pods');
  expect(resourcePath(leases, { namespace: 'mail', name: 'operator' })).toBe(
    '/apis/coordination.k8s.io/v1/namespaces/mail/leases/operator',
  );
  expect(resourcePath(nodes, { namespace: 'mail', name: 'node1' })).toBe('/api/v1/nodes/node1');
  expect(resourcePath(pods, { namespace: 'mail', name: 'a', subresource: 'status' })).toMatch(/\/a\/status$/);
});

test('a name cannot climb out of its place, and a query is escaped', () => {
  expect(resourcePath(pods, { namespace: 'mail', name: '../secrets' })).toBe(
    '/api/v1/namespaces/mail/pods/..%2Fsecrets',
  );
  expect(resourcePath(pods, {}, { labelSelector: 'a=b,c', limit: 5, continue: undefined })).toBe(
    '/api/v1/pods?labelSelector=a%3Db%2Cc&limit=5',
  );
});
