import { expect, test } from 'vitest';
import type { Change } from '../watch/object-cache.ts';
import type { MemberPod } from './members-input.ts';
import { RemovedPods } from './removed-pods.ts';

const pod = (name: string, namespace = 'post'): MemberPod => ({ metadata: { name, namespace } });

function scene() {
  const listeners = new Set<(change: Change<MemberPod>) => void>();
  const end = new AbortController();
  const watched = {
    onChange(listener: (change: Change<MemberPod>) => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const isOurs = ({ metadata }: MemberPod): boolean => metadata.namespace === 'post';
  const removed = new RemovedPods(watched, { isOurs, signal: end.signal });
  const tell = (before: MemberPod | null, after: MemberPod | null): void => {
    for (const listener of listeners) listener({ before, after });
  };
  return { removed, tell, end };
}

test('only what is ours, and only once it is removed', () => {
  const { removed, tell } = scene();
  tell(null, pod('a-0'));
  tell(pod('a-0'), pod('a-0'));
  tell(pod('a-0', 'elsewhere'), null);
  expect(removed.get('post/a-0')).toBeNull();
  expect(removed.get('elsewhere/a-0')).toBeNull();
  tell(pod('a-0'), null);
  expect(removed.get('post/a-0')).toEqual(pod('a-0'));
});

test('what nobody wants any more is forgotten, and nothing comes after the end', () => {
  const { removed, tell, end } = scene();
  tell(pod('a-0'), null);
  tell(pod('b-0'), null);
  removed.keepOnly(({ metadata }) => metadata.name === 'b-0');
  expect([removed.get('post/a-0'), removed.get('post/b-0')]).toEqual([null, pod('b-0')]);
  end.abort();
  tell(pod('a-0'), null);
  expect(removed.get('post/a-0')).toBeNull();
});
