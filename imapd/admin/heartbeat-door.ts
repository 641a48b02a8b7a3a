import {
  HEARTBEAT_PATH,
  Heartbeat,
  type HeartbeatAnswer,
  Heartbeats,
  type PushAck,
  type PushConflict,
  type PushRefusal,
  TAKES,
} from '#contract/push-api.ts';
import { claimedPurpose, verify } from '#contract/signature.ts';
import type { ChannelDoor } from '#runtime/channel/channel-doors.ts';
import type { LineChannel } from '#runtime/channel/line-channel.ts';
import type { Logger } from '#runtime/logger.ts';
import type { PublicKeys } from '#runtime/public-keys.ts';
import type { NonceBook } from '../routing/nonce-book.ts';
import { Guests } from './guests.ts';
import { type PushRoutesOptions, pushed } from './push-routes.ts';

export type HeartbeatDoorOptions = PushRoutesOptions & {
  /** Of this process: `HeartbeatAnswer.bootId`. */
  readonly bootId: string;
  readonly cluster: string;
  readonly publicKeys: Pick<PublicKeys, 'current'>;
  readonly nonces: NonceBook;
  /** Channels at a time. */
  readonly heartbeatChannels: number;
  readonly log: Logger;
};

/** Ten heartbeats: the operator is gone, or it never was one. */
const SILENCE_MS = 10_000;
/** Characters of a heartbeat with a lease for each of thousands of partitions. */
const LONGEST_LINE = 1024 * 1024;
/** The operator sends one of each kind, and waits for the answer. */
const MOST_WAITING = 4;

type Beat = Pick<Heartbeat, 'echo' | 'leases' | 'full'>;
type Read = { readonly ok: true; readonly payload: Beat } | ({ readonly ok: false } & PushRefusal);

/** Where the operator's heartbeats come in, and documents between them. Signed, so they need no token. */
export function heartbeatDoor(options: HeartbeatDoorOptions): ChannelDoor {
  const guests = new Guests<LineChannel>(options.heartbeatChannels);
  return {
    path: HEARTBEAT_PATH,
    admits: () => true,
    isFull: () => guests.isFull,
    open(channel) {
      guests.take(channel)?.close();
      channel.onClosed(() => guests.leave(channel));
      answerHeartbeats(channel, guests, options);
    },
  };
}

function answerHeartbeats(channel: LineChannel, guests: Guests<LineChannel>, options: HeartbeatDoorOptions): void {
  let waiting = 0;
  let before = Promise.resolve();
  const silent = setTimeout(() => channel.close(), SILENCE_MS);
  channel.onClosed(() => clearTimeout(silent));
  const answer = async (line: string): Promise<void> => {
    const said = await answerTo(line, options);
    // Whatever a stranger sends is no sign of life.
    if ('nonce' in said) {
      silent.refresh();
      guests.know(channel);
    }
    channel.send(JSON.stringify(said));
    waiting -= 1;
  };
  const take = (line: string): void => {
    if (waiting >= MOST_WAITING) throw new Error('more heartbeats than are answered');
    waiting += 1;
    before = before
      .then(() => answer(line))
      .catch((error: Error) => {
        options.log.event('Unexpected', { error: error.message, stack: error.stack });
        channel.close();
      });
  };
  // Broken off, or no heartbeats: an operator that is there comes back.
  channel.read(take, LONGEST_LINE).catch(() => undefined);
}

type Answer = HeartbeatAnswer | PushAck | PushConflict | PushRefusal;

async function answerTo(line: string, options: HeartbeatDoorOptions): Promise<Answer> {
  const purpose = claimedPurpose(line);
  if (purpose === 'routing') return await pushed(line, options);
  const read = await (purpose === 'heartbeats' ? ourPart(line, options) : oursAlone(line, options));
  return read.ok ? answerBeat(read.payload, options) : { code: read.code, message: read.message };
}

async function oursAlone(line: string, { pod, cluster, publicKeys }: HeartbeatDoorOptions): Promise<Read> {
  const verified = await verify(line, { purpose: 'heartbeat', schema: Heartbeat, keys: publicKeys.current });
  if (!verified.ok) return verified;
  const { payload: beat } = verified;
  if (beat.pod === pod && beat.cluster === cluster) return verified;
  return { ok: false, code: 'WrongPod', message: `this is ${pod} of ${cluster}, not ${beat.pod} of ${beat.cluster}` };
}

async function ourPart(line: string, { pod, cluster, publicKeys }: HeartbeatDoorOptions): Promise<Read> {
  const verified = await verify(line, { purpose: 'heartbeats', schema: Heartbeats, keys: publicKeys.current });
  if (!verified.ok) return verified;
  const { payload } = verified;
  const ours = Object.hasOwn(payload.pods, pod) ? payload.pods[pod] : undefined;
  if (ours === undefined || payload.cluster !== cluster)
    return { ok: false, code: 'WrongPod', message: `nothing for ${pod} of ${cluster} is among what is for others` };
  return { ok: true, payload: { echo: ours.echo, leases: ours.leased ? payload.leases : {}, full: payload.full } };
}

function answerBeat(beat: Beat, options: HeartbeatDoorOptions): HeartbeatAnswer {
  const { pod, bootId, table, repositories, nonces, sessions } = options;
  const since = beat.echo === null ? null : nonces.issuedAt(beat.echo);
  // A heartbeat that echoes nothing of ours may be old or meant for a former life of this pod: it grants nothing.
  if (since !== null) {
    options.heard();
    for (const [partition, { epoch, seconds }] of Object.entries(beat.leases)) {
      repositories.get(partition)?.proveLease({ epoch, since, seconds });
    }
    for (const repository of repositories) repository.noteFull(beat.full?.includes(repository.partition) === true);
  }
  return {
    pod,
    bootId,
    nonce: nonces.issue(),
    takes: [...TAKES],
    applied: table.version,
    sessions: sessions(),
    repositories: repositories.views,
  };
}
