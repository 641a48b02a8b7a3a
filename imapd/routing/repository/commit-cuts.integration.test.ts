import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enginesUnderTest } from '#database/test-support/engines-under-test.ts';
import type { Store } from '../../store/store.ts';
import { attempt } from '../../store/test-support/store-fixture.ts';
import type { OperationId } from '../../store/types.ts';
import { type Cut, type Place, TransactionWatch } from '../test-support/commit-cuts.ts';
import { mutations, setScene, type Trial } from '../test-support/mutations.ts';
import { openRepository } from '../test-support/open-repository.ts';
import { ownersState } from '../test-support/owners-state.ts';
import { TestRepository } from '../test-support/test-repository.ts';
import { WireProxy } from '../test-support/wire-proxy.ts';

/**
 * The promise: wherever the line to the primary breaks around COMMIT, a mutation has happened exactly once when its caller
 * is answered, and the caller is told what happened. Each kind of mutation is run once undisturbed to see its messages,
 * then once for every message and way of cutting there; state and answer must be the same each time, whether the operation
 * was found recorded or was done again, and both happen.
 */
/** Runs at a time: most of a run is waiting. */
const AT_ONCE = 6;

describe.each(enginesUnderTest)('%s', (engine) => {
  /** MariaDB and MySQL have both in one packet. */
  const fewest = engine === 'postgresql' ? 20 : 6;
  let repository: TestRepository;
  let direct: { readonly store: Store; close(): Promise<void> };

  beforeAll(async () => {
    repository = await TestRepository.start({ engine, members: ['a'] });
    const { access, store } = openRepository(repository.target('a', 1));
    direct = { store, close: () => access.close() };
  });
  afterAll(async () => {
    await direct?.close();
    await repository?.close();
  });

  type Run = { readonly watch: TransactionWatch; readonly answer: unknown; readonly state: unknown };

  type Mutation = (trial: Trial) => Promise<unknown>;

  /** One mutation through a line that breaks at `cut`. */
  async function runCut(mutation: Mutation, cut: Cut | null): Promise<Run> {
    const scene = await setScene(direct.store);
    const proxy = await WireProxy.start(repository.server('a').endpoint, repository.engine);
    const watch = new TransactionWatch(repository.engine, cut);
    proxy.judge = watch.judge;
    const { access, store } = openRepository(repository.target('a', 1, { members: { a: proxy.endpoint } }));
    const operation = randomUUID() as OperationId;
    try {
      const answer = await mutation({ store, direct: direct.store, scene, operation });
      const found = await ownersState(repository, scene.owner, operation);
      expect(found.times).toBe(1);
      return { watch, answer: withoutIdentity(answer), state: found.state };
    } finally {
      await access.close();
      await proxy.close();
    }
  }

  /** Random identifiers and UIDVALIDITY differ from run to run; typed arrays compare as lists. */
  function withoutIdentity(answer: unknown): unknown {
    const text = JSON.stringify(answer ?? null, (key, value) => {
      if (['id', 'mailbox', 'mailboxes', 'uidValidity'].includes(key)) return 'any';
      return ArrayBuffer.isView(value) ? Object.values(value) : value;
    });
    return JSON.parse(text);
  }

  const cutsAt = (places: readonly Place[]): Cut[] =>
    places.flatMap((place) => [
      { ...place, verdict: 'cutBefore' as const },
      { ...place, verdict: 'cutAfter' as const },
    ]);

  type Places = (watch: TransactionWatch) => Place[];

  /** That state and answer are the same wherever the line breaks. Gives how often that was, and what became of the operations. */
  async function expectSameAt(mutation: Mutation, places: Places): Promise<{ cuts: number; outcomes: string[] }> {
    const undisturbed = await runCut(mutation, null);
    const { answer, state } = undisturbed;
    const outcomes = new Set<string>();
    const cuts = cutsAt(places(undisturbed.watch));
    for (let first = 0; first < cuts.length; first += AT_ONCE) {
      const together = cuts.slice(first, first + AT_ONCE).map(async (cut) => {
        const run = await runCut(mutation, cut);
        outcomes.add(run.watch.outcome);
        expect({ cut, fired: run.watch.fired, answer: run.answer, state: run.state }).toEqual({
          cut,
          fired: true,
          answer,
          state,
        });
      });
      await Promise.all(together);
    }
    return { cuts: cuts.length, outcomes: [...outcomes].sort() };
  }

  async function expectOnceAt(mutation: Mutation, places: Places): Promise<number> {
    const { cuts, outcomes } = await expectSameAt(mutation, places);
    expect(outcomes).toEqual(['doneAgain', 'foundRecorded']);
    return cuts;
  }

  describe('the line breaks at every message around COMMIT', () => {
    for (const [method, variants] of Object.entries(mutations)) {
      const [[first, mutation], ...others] = Object.entries(variants) as [[string, Mutation], ...[string, Mutation][]];
      test(`${method}: ${first} happens once`, async () => {
        expect(await expectOnceAt(mutation, (watch) => watch.placesAroundCommit())).toBeGreaterThanOrEqual(fewest);
      });
      test.each(others)(`${method}: %s happens once`, async (_, variant) => {
        expect(await expectOnceAt(variant, (watch) => watch.placesOfCommit())).toBe(6);
      });
    }
  });

  // Its own transaction finds the APPEND, and does nothing: what removes the messages comes after it.
  test('withdraw: what an APPEND has stored is gone, wherever the line breaks as it is found', async () => {
    const withdrawn: Mutation = async (trial) => {
      const { store, direct: straight, scene, operation } = trial;
      await mutations.append['a small message']?.({ ...trial, store: straight });
      await store.withdraw({ operation, messages: 1 }, attempt);
      return (await straight.loadView(scene.inbox, attempt))?.rows.count;
    };
    expect((await runCut(withdrawn, null)).answer).toBe(3);
    expect((await expectSameAt(withdrawn, (watch) => watch.placesOfCommit())).cuts).toBe(6);
  });

  test('and at every message of a whole transaction', async () => {
    await expectOnceAt(mutations.append['a small message'] as Mutation, (watch) => watch.allPlaces());
  });

  test('a server that does not notice gives the rows free by itself', async () => {
    // The line to the client is cut, the one to the server stays open: its transaction holds the mailbox for seconds.
    const stepByStep = mutations.createMailbox['with a parent'];
    const add = (engine === 'postgresql' ? mutations.storeFlags.add : stepByStep) as Mutation;
    const undisturbed = await runCut(add, null);
    const commit = undisturbed.watch.placesAroundCommit().findLast(({ side }) => side === 'frontend');
    if (commit === undefined) throw new Error('no COMMIT was seen');
    const { answer, state } = await runCut(add, { ...commit, verdict: 'strand' });
    expect({ answer, state }).toEqual({ answer: undisturbed.answer, state: undisturbed.state });
  });
});
