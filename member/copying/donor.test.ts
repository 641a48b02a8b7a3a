import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { Impossible } from '#database/impossible.ts';
import { createLogger } from '#runtime/logger.ts';
import type { ServedCopy } from '../engine.ts';
import type { CopyRequest } from './copy-api.ts';
import { copyKey, newNonce, proofOf } from './copy-key.ts';
import { Donor } from './donor.ts';

const identity = { cluster: 'c', partition: 'p', member: 'a0' };
const begin = { serverVersion: '10.11.19', octets: 3, locked: true };
const passwords = { candidates: () => ['password'] };
const log = createLogger({ program: 'test', level: 'silent' });

const donorOf = (serveCopy: () => Promise<ServedCopy>, isRunning = true): Donor =>
  new Donor({ identity, engine: { serveCopy }, passwords, isRunning: () => isRunning, now: () => 0, log });

async function requestTo(donor: Donor, recipient = 'a1'): Promise<CopyRequest> {
  const answer = await donor.challenge();
  if (answer.status !== 200) throw new Error(answer.message);
  const { nonce } = answer.challenge;
  const recipientNonce = newNonce();
  const { cluster, partition, member } = identity;
  const key = copyKey('password', { cluster, partition, donor: member, recipient, nonce, recipientNonce });
  return { recipient, nonce, recipientNonce, proof: proofOf(key) };
}

test('who is admitted and never sent anything takes nobody the place', async () => {
  const { promise: given, resolve: end } = Promise.withResolvers<void>();
  const donor = donorOf(async () => ({
    begin,
    pieces: (async function* () {
      await given;
      yield* [];
    })(),
  }));
  expect(donor.admit(await requestTo(donor))).toMatchObject({ status: 200 });
  const admitted = donor.admit(await requestTo(donor, 'a2'));
  if (admitted.status !== 200) throw new Error(admitted.message);
  const sent = admitted.send(new PassThrough().resume(), AbortSignal.timeout(5_000));
  expect(donor.admit(await requestTo(donor))).toMatchObject({ status: 409, message: 'a0 is being copied to a2' });
  end();
  await sent;
  expect(donor.admit(await requestTo(donor))).toMatchObject({ status: 200 });
});

test('what forbids a copy is said to whoever asks for a challenge, before it makes room', async () => {
  const none = donorOf(() => Promise.reject(new Impossible('CloneUnavailable', 'there is no mariadb-backup')));
  expect(await none.challenge()).toEqual({
    status: 422,
    code: 'CloneUnavailable',
    message: 'there is no mariadb-backup',
  });
  expect(await donorOf(() => Promise.reject(new Error('gone'))).challenge()).toMatchObject({ status: 503 });
  expect(await donorOf(async () => ({ begin, pieces: nothing() }), false).challenge()).toMatchObject({ status: 503 });
});

async function* nothing(): AsyncGenerator<Buffer> {
  yield* [];
}
