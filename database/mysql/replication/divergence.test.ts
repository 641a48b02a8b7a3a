import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { divergence, type OwnEnd, type UpstreamLog } from './divergence.ts';

type Verdict = ReturnType<typeof divergence>;
type Case = [string, { own?: Partial<OwnEnd>; upstream?: Partial<UpstreamLog> }, Verdict];

describe('MariaDB', () => {
  /** a lost what it wrote after 0-1-100; b went on; a was made anew under its old number, and is the primary again. */
  const upstream: UpstreamLog = {
    systemIdentifier: '7',
    stamps: [
      { epoch: 3, position: '0-2-103' },
      { epoch: 1, position: '' },
      { epoch: 2, position: '0-1-100' },
    ],
    position: '0-1-106',
    writer: null,
  };
  const own: OwnEnd = { systemIdentifier: '7', epoch: 1, position: '0-1-100', exact: true };
  const writing = { writer: '1' };
  const first = { systemIdentifier: '', stamps: [], position: '0-1-7', writer: '1' };

  test.each<Case>([
    ['ends where the next epoch began', {}, 'follows'],
    ['ends before it', { own: { position: '0-1-9' } }, 'follows'],
    ['has one transaction of a lost tail', { own: { position: '0-1-101' } }, 'diverged'],
    [
      'ends in a lost tail that has the name of what the upstream wrote later',
      { own: { position: '0-1-105' } },
      'diverged',
    ],
    ['has a lost tail, whatever else has not been applied', { own: { position: '0-1-101', exact: false } }, 'diverged'],
    ['may have a lost tail', { own: { exact: false } }, 'unknown'],
    ['ends under the second epoch where the third began', { own: { epoch: 2, position: '0-2-103' } }, 'follows'],
    ['ends under the second epoch beyond it', { own: { epoch: 2, position: '0-2-104' } }, 'diverged'],
    ['is under the upstream’s epoch, behind', { own: { epoch: 3, position: '0-1-105' } }, 'follows'],
    ['is under the upstream’s epoch, level', { own: { epoch: 3, position: '0-1-106' } }, 'follows'],
    ['is under the upstream’s epoch, ahead', { own: { epoch: 3, position: '0-1-107' } }, 'diverged'],
    ['has the upstream’s last number from another server', { own: { epoch: 3, position: '0-9-106' } }, 'diverged'],
    ['has the last number of its epoch from another server', { own: { position: '0-9-100' } }, 'diverged'],
    ['is of an epoch that the upstream never saw', { own: { epoch: 4 } }, 'diverged'],
    [
      'is of an epoch that came to nothing',
      { own: { epoch: 2 }, upstream: { stamps: [upstream.stamps[0]!] } },
      'diverged',
    ],
    ['belongs to another repository', { own: { systemIdentifier: '8' } }, 'diverged'],
    ['has nothing yet', { own: { epoch: 0, position: '' } }, 'follows'],
    ['is from before the first epoch', { own: { epoch: 0, position: '0-1-1' } }, 'diverged'],
    // The stamp is written, and waits: its row shows here, and not there.
    [
      'is of an epoch that the upstream is writing',
      { own: { epoch: 4, position: '0-1-106' }, upstream: writing },
      'follows',
    ],
    [
      'is of it, and not applied as a whole',
      { own: { epoch: 4, position: '0-1-106', exact: false }, upstream: writing },
      'unknown',
    ],
    [
      'is of the first epoch, which the upstream is writing',
      { own: { position: '0-1-7' }, upstream: first },
      'follows',
    ],
    ['is of another one, of another server', { own: { epoch: 4, position: '0-2-106' }, upstream: writing }, 'diverged'],
    [
      'is of one that the upstream does not have',
      { own: { epoch: 4, position: '0-1-107' }, upstream: writing },
      'diverged',
    ],
    ['has a lost tail, while the upstream writes', { own: { position: '0-1-105' }, upstream: writing }, 'diverged'],
    [
      'belongs to another repository, whose server has the same number',
      { own: { systemIdentifier: '8', epoch: 4, position: '0-1-106' }, upstream: writing },
      'diverged',
    ],
    ['has a domain of its own', { own: { position: '0-1-100,5-9-1' } }, 'diverged'],
  ])('a log that %s', (_, change, expected) => {
    expect(divergence({ ...own, ...change.own }, { ...upstream, ...change.upstream })).toBe(expected);
  });
});

describe('MySQL', () => {
  const [A, B] = ['3e11fa47-71ca-11e1-9e33-c80aa9429562', '4350f323-7565-4e59-8763-4b1b83a0ce0e'];
  const upstream: UpstreamLog = {
    systemIdentifier: '7',
    stamps: [
      { epoch: 1, position: '' },
      { epoch: 2, position: `${A}:1-100` },
    ],
    position: `${A}:1-100,${B}:1-6`,
    writer: null,
  };
  const own: OwnEnd = { systemIdentifier: '7', epoch: 1, position: `${A}:1-100`, exact: true };
  const writing = { writer: B! };

  test.each<Case>([
    ['ends where the next epoch began', {}, 'follows'],
    ['has a lost tail', { own: { position: `${A}:1-101` } }, 'diverged'],
    [
      'has a lost tail whose numbers were given again',
      { own: { position: `${A}:1-101` }, upstream: { position: `${A}:1-102,${B}:1-6` } },
      'diverged',
    ],
    ['may have more', { own: { exact: false } }, 'unknown'],
    ['is under the upstream’s epoch, behind', { own: { epoch: 2, position: `${A}:1-100,${B}:1` } }, 'follows'],
    ['has a transaction of somebody’s own', { own: { epoch: 2, position: `${A}:1-100,${B}:1,${B}:9` } }, 'diverged'],
    ['has one that fewer transactions cannot hide', { own: { position: `${A}:1-50,${B}:9` } }, 'diverged'],
    ['has nothing yet', { own: { epoch: 0, position: '' } }, 'follows'],
    // Executed here, and there only once somebody has replied.
    [
      'has what the upstream is writing',
      { own: { epoch: 2, position: `${A}:1-100,${B}:1-8` }, upstream: writing },
      'follows',
    ],
    [
      'has it, and something of another',
      { own: { epoch: 2, position: `${A}:1-101,${B}:1-8` }, upstream: writing },
      'diverged',
    ],
    ['has it, and nothing waits there', { own: { epoch: 2, position: `${A}:1-100,${B}:1-8` } }, 'diverged'],
    ['has a lost tail, while the upstream writes', { own: { position: `${A}:1-101` }, upstream: writing }, 'diverged'],
  ])('a log that %s', (_, change, expected) => {
    expect(divergence({ ...own, ...change.own }, { ...upstream, ...change.upstream })).toBe(expected);
  });
});

/** Servers by turns, each from where the one before it was left: what is kept of it, how much of it is lost, under which number. */
const lives = fc.array(
  fc.record({ server: fc.integer({ min: 1, max: 3 }), kept: fc.integer({ min: 1, max: 4 }), lost: fc.nat(4) }),
  {
    minLength: 1,
    maxLength: 6,
  },
);

test('whoever has nothing of a lost tail follows, and nobody else', () => {
  const property = fc.property(lives, fc.nat(5), fc.nat(8), (changes, which, ahead) => {
    const stamps: { epoch: number; position: string }[] = [];
    const ends: { epoch: number; server: number; from: number; kept: number; written: number }[] = [];
    let [number, position] = [0, ''];
    for (const [index, { server, kept, lost }] of changes.entries()) {
      stamps.push({ epoch: index + 1, position });
      const isLast = index === changes.length - 1;
      ends.push({ epoch: index + 1, server, from: number, kept, written: kept + (isLast ? 0 : lost) });
      number += kept;
      position = `0-${server}-${number}`;
    }
    const { epoch, server, from, kept, written } = ends[which % ends.length]!;
    const has = 1 + (ahead % written);
    const own = { systemIdentifier: '7', epoch, position: `0-${server}-${from + has}`, exact: true };
    const verdict = divergence(own, { systemIdentifier: '7', stamps, position, writer: null });
    expect(verdict).toBe(has <= kept ? 'follows' : 'diverged');
  });
  fc.assert(property);
});
