import { rm } from 'node:fs/promises';
import { Impossible } from '#database/impossible.ts';
import type { MysqlConnection } from '#database/mysql/connection/mysql-connection.ts';
import { failureOf } from '#database/mysql/failure-of.ts';
import { greetServer } from '#database/mysql/sessions/greet.ts';
import { roles } from '#database/roles.ts';
import { pause } from '#runtime/deadline.ts';
import { poll } from '#runtime/poll.ts';
import { cloneFailure } from './clone-failure.ts';
import { readCloneProgress } from './clone-progress.ts';
import type { CopyRequest } from './copy-request.ts';
import type { Connect } from './temporary-server.ts';

const ACTIVITY = 'cloning';
const PROGRESS_MS = 500;
/** For a donor to say something, while nothing comes. */
const GREETING_MS = 2_000;
/** Between two attempts at a donor that is being copied by somebody else: it serves one at a time. */
const BUSY_MS = 1_000;
/** Afterwards it is told: somebody means to interrupt it. */
const MOST_INTERRUPTIONS = 3;

/**
 * Has a running server receive a copy of the donor, in one statement.
 * @throws Impossible `CloneUnavailable`
 */
export async function cloneInstance(connect: Connect, request: CopyRequest, password: string): Promise<void> {
  const { donor, incoming, progress, signal } = request;
  const { host, port } = donor.endpoint;
  const [session, watching] = [await connect(), await connect()];
  await session.batch([{ name: 'donors', text: 'SET GLOBAL clone_valid_donor_list = ?', values: [`${host}:${port}`] }]);
  let interruptions = 0;
  await poll(BUSY_MS, signal, async () => {
    // It makes the folder itself.
    await rm(incoming, { recursive: true, force: true });
    const copied = session
      .batch([
        {
          name: 'clone',
          // A port is no string there.
          text: `CLONE INSTANCE FROM ?@?:${Number(port)} IDENTIFIED BY ? DATA DIRECTORY = ? REQUIRE SSL`,
          values: [roles.replication, host, password, incoming],
        },
      ])
      .then(
        () => 'copied' as const,
        (error: Error) => error,
      );
    const outcome = await watch(watching, copied, request);
    if (outcome === 'copied') return true;
    const failure = cloneFailure(outcome);
    if (failure === 'interrupted') interruptions += 1;
    const mayPass = failure === 'busy' || (failure === 'interrupted' && interruptions <= MOST_INTERRUPTIONS);
    if (!mayPass) throw told(outcome, donor.member);
    progress(`${ACTIVITY}: waiting for ${donor.member}, which is being copied by another member`, null);
    return null;
  });
}

type Outcome = 'copied' | Error;

/** Tells of a copy that is under way, until it has ended. */
async function watch(watching: MysqlConnection, copied: Promise<Outcome>, request: CopyRequest): Promise<Outcome> {
  const { progress, signal } = request;
  let last = '';
  return await poll(0, signal, async () => {
    const { fraction, sign, isLocal } = await readCloneProgress(watching);
    if (sign !== last || isLocal) progress(ACTIVITY, fraction);
    else await mustBeThere(request);
    last = sign;
    return await Promise.race([copied, pause(PROGRESS_MS, signal).then(() => null)]);
  });
}

/** The server that receives would look out for one that is gone for minutes, in vain: a copy does not outlive its donor. */
async function mustBeThere({ donor: { endpoint, member }, signal }: CopyRequest): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(GREETING_MS)]);
  await greetServer(endpoint.host, endpoint.port, limit).catch((cause: Error) => {
    if (failureOf(cause) === 'refused') throw new Error(`${member} is gone in the middle of the copy`, { cause });
  });
}

function told(error: Error, member: string): Error {
  const what = cloneFailure(error);
  if (what === 'impossible') {
    return new Impossible('CloneUnavailable', `${member} cannot be copied: ${error.message}`, { cause: error });
  }
  if (what === 'diskFull') return new Error(`no space left on device: ${error.message}`, { cause: error });
  return error;
}
