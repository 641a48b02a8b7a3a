import { expect, test } from 'vitest';
import type { Farewell } from './farewell.ts';
import { StopRequest } from './stop-request.ts';

const farewell: Farewell = { reason: 'stopping', quietMs: 0 };

test('who listens is told once; who has stopped listening is not', () => {
  const told: string[] = [];
  const request = new StopRequest();
  request.listen(() => told.push('before'))();
  request.listen(() => told.push('now'));
  request.ask(farewell);
  request.ask(farewell);
  expect(told).toEqual(['now']);
  expect(request.farewell).toBe(farewell);
});

test('one that stops listening late takes nothing from the one that listens since', () => {
  const told: string[] = [];
  const request = new StopRequest();
  const unlisten = request.listen(() => told.push('before'));
  request.listen(() => told.push('now'));
  unlisten();
  request.ask(farewell);
  expect(told).toEqual(['now']);
});
