import { parseDuration } from '#crds/duration.ts';
import type { ImapCluster } from '#crds/imap-cluster.ts';

const SECOND = 1000;

/**
 * A leaving pod takes new connections for a little while longer: it goes out of the Service's endpoints at the same moment
 * as it is told to stop, and the nodes hear of that later. Seconds.
 */
const LEAVE_SERVICE = 5;
/** What imapd takes for its last words after the grace of sessions (`imapd/main.ts`), and some to spare. Seconds. */
const LAST_WORDS = 10;

/** Seconds of a pod's stop: how long `preStop` sleeps, and when the kubelet loses its patience. */
export type DrainTimes = { readonly preStop: number; readonly terminationGrace: number };

export function drainTimes({ spec }: Pick<ImapCluster, 'spec'>): DrainTimes {
  const sessions = Math.ceil(parseDuration(spec.sessions.drainGracePeriod) / SECOND);
  return { preStop: LEAVE_SERVICE, terminationGrace: LEAVE_SERVICE + sessions + LAST_WORDS };
}
