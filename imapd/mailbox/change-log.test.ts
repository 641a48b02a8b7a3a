import { describe, expect, it } from 'vitest';
import { ChangeLog } from './change-log.ts';

describe('ChangeLog', () => {
  it('tells what changed since a version, each message once', () => {
    const log = new ChangeLog(() => 100);
    log.add(1, Uint32Array.of(3, 5));
    log.add(2, Uint32Array.of(1, 5));
    log.add(3, Uint32Array.of(9));
    expect([...log.since(0)]).toEqual([1, 3, 5, 9]);
    expect([...log.since(1)]).toEqual([1, 5, 9]);
    expect([...log.since(3)]).toEqual([]);
    log.forget(2);
    expect([...log.since(0)]).toEqual([9]);
  });

  it('forgets what did not happen after all', () => {
    const log = new ChangeLog(() => 100);
    log.add(1, Uint32Array.of(3, 5));
    log.add(2, Uint32Array.of(5));
    log.withdraw(Uint32Array.of(5, 7));
    expect([...log.since(0)]).toEqual([3]);
    expect(log.size).toBe(1);
  });

  it('stays bounded and never tells too little', () => {
    const log = new ChangeLog(() => 50);
    for (let version = 1; version <= 1000; version++) log.add(version, Uint32Array.of(version % 20));
    for (const since of [0, 1, 500, 980, 999]) {
      const told = new Set(log.since(since));
      for (let version = since + 1; version <= 1000; version++) expect(told.has(version % 20)).toBe(true);
    }
    expect([...log.since(999)]).toEqual([0]);
  });
});
