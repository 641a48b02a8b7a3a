import { expect, test } from 'vitest';
import { apiPath, rightFor } from './api-place.ts';

const clusters = { api: 'imapcluster.io/v1alpha1', plural: 'imapclusters', namespace: 'post' } as const;
const log = { api: 'v1', plural: 'pods', namespace: 'post', name: 'a b', subresource: 'log' } as const;

test('paths', () => {
  expect(apiPath(clusters)).toBe('/apis/imapcluster.io/v1alpha1/namespaces/post/imapclusters');
  expect(apiPath(log, { follow: true, tailLines: undefined })).toBe(
    '/api/v1/namespaces/post/pods/a%20b/log?follow=true',
  );
  expect(apiPath({ api: 'v1', plural: 'pods', namespace: null }, { labelSelector: 'a=b' })).toBe(
    '/api/v1/pods?labelSelector=a%3Db',
  );
});

test('rights, as `kubectl auth can-i` takes them', () => {
  expect(rightFor('list', clusters)).toBe('list imapclusters.imapcluster.io -n post');
  expect(rightFor('get', log)).toBe('get pods/a b --subresource=log -n post');
  expect(rightFor('list', { api: 'v1', plural: 'pods', namespace: null })).toBe('list pods --all-namespaces');
});
