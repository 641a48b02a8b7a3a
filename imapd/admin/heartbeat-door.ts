import { HEARTBEAT_PATH, Heartbeat, type HeartbeatAnswer, type PushRefusal } from '#contract/push-api.ts';
import { verify } from '#contract/signature.ts';
import type { ChannelDoor } from '#runtime/channel/channel-doors.ts';
import type { LineChannel } from '#runtime/channel/line-channel.ts';
import type { Logger } from '#runtime/logger.ts';
import type { PublicKeys } from '#runtime/public-keys.ts';
import type { NonceBook } from '../routing/nonce-book.ts';
import { Guests } from './guests.ts';
import type { PushRoutesOptions } from './push-routes.ts';

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
/** The operator sends one and waits for the answer. */
const MOST_WAITING = 4;

/** Where the operator's heartbeats come in. Signed, so they need no token. */
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

async function answerTo(line: string, options: HeartbeatDoorOptions): Promise<HeartbeatAnswer | PushRefusal> {
  const { pod, bootId, cluster, publicKeys, table, repositories, nonces, sessions } = options;
  const verified = await verify(line, { purpose: 'heartbeat', schema: Heartbeat, keys: publicKeys.current });
  if (!verified.ok) return { code: verified.code, message: verified.message };
  const beat = verified.payload;
  if (beat.pod !== pod || beat.cluster !== cluster)
    return { code: 'WrongPod', message: `this is ${pod} of ${cluster}, not ${beat.pod} of ${beat.cluster}` };
  const since = beat.echo === null ? null : nonces.issuedAt(beat.echo);
  // A heartbeat that echoes nothing of ours may be old or meant for a former life of this pod: it grants nothing.
  if (since !== null) {
    options.heard();
    for (const [partition, { epoch, seconds }] of Object.entries(beat.leases)) {
      repositories.get(partition)?.proveLease({ epoch, since, seconds });
    }
    for (const repository of repositories) repository.noteFull(beat.full?.includes(repository.partition) === true);
  }
  const views = repositories.views;
  return { pod, bootId, nonce: nonces.issue(), applied: table.version, sessions: sessions(), repositories: views };
}
