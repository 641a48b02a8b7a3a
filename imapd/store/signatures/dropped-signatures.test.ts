import { expect, test } from 'vitest';
import { RepositoryUnavailable } from '../../routing/repository-access.ts';
import { RecordedLog } from '../../session/test-support/recorded-log.ts';
import { DroppedSignatures } from './dropped-signatures.ts';

test('all are counted; the log tells of them once a minute, with how many since', () => {
  const log = new RecordedLog();
  let [now, counted] = [0, 0];
  const dropped = new DroppedSignatures({
    log,
    now: () => now,
    count: (messages) => {
      counted += messages;
    },
  });
  const failure = new Error('no right to insert');
  dropped.note({ messages: 3, error: failure });
  now = 59_999;
  dropped.note({ messages: 200, error: failure });
  expect(counted).toBe(203);
  expect(log.events).toEqual([{ code: 'SignaturesDropped', fields: { messages: 3, err: failure } }]);
  now = 60_000;
  dropped.note({ messages: 5, error: new RepositoryUnavailable('there is no writer') });
  now = 120_000;
  dropped.note({ messages: 7, error: null });
  expect(counted).toBe(215);
  expect(log.events.slice(1).map(({ fields }) => fields)).toEqual([
    { messages: 205, error: 'there is no writer' },
    { messages: 7, error: 'too many wait' },
  ]);
});
