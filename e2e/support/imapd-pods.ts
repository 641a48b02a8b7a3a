import type { MailSession } from '#demo/clients/mail-session.ts';
import type { Cluster } from '../clusters/cluster.ts';
import { waitFor } from '../clusters/process/wait-for.ts';
import type { TrackedConnection } from '../clusters/tracked-connection.ts';
import { kubectlGet } from './kubectl.ts';
import type { MailCluster } from './mail-cluster.ts';
import type { List, PodObject } from './objects.ts';
import { podBehind, wayIn } from './way-in/way-in.ts';

/** Address of the imapd pod that each session is on, by the session's name. */
export type Whereabouts = ReadonlyMap<string, string>;

/**
 * Behind a Service by what the kernels remember of connections; where they show nothing the sessions have to be on the pods'
 * own addresses.
 * @throws Error where one is not known
 */
export async function whereabouts(cluster: Cluster, sessions: readonly MailSession[]): Promise<Whereabouts> {
  const tracked = await visibleConnections(cluster);
  const isHidden = tracked === null;
  // No other connection has the same two ends; behind a Service's address, that is.
  const answering = new Map(tracked?.map(({ from, fromPort, toward, to }) => [keyOf(from, fromPort, toward), to]));
  return new Map(
    sessions.map(({ name, ends: { local, localPort, remote, remotePort } }) => {
      const pod = isHidden ? (podBehind(remotePort) ?? remote) : answering.get(keyOf(local, localPort, remote));
      if (pod === undefined) throw new Error(`nobody knows which pod ${name} (port ${localPort}) is on`);
      return [name, pod];
    }),
  );
}

/** null where nobody can tell by them which pod a session is on. */
export const visibleConnections = async (cluster: Cluster): Promise<readonly TrackedConnection[] | null> =>
  wayIn() === 'direct' ? await cluster.connections() : null;

const keyOf = (...ends: readonly [from: string, port: number, toward: string]): string => ends.join(' ');

/** imapd pods that were there and have gone, or are about to. */
export class LeavingPods {
  readonly #mail: MailCluster;
  readonly #before: readonly PodObject[];

  private constructor(mail: MailCluster, before: readonly PodObject[]) {
    this.#mail = mail;
    this.#before = before;
  }

  /** Remembers who is there now. */
  static async from(mail: MailCluster): Promise<LeavingPods> {
    return new LeavingPods(mail, await mail.pods('imapd'));
  }

  /**
   * Addresses of those that went, and when the kubelet told each to: by the clock of `performance.now`, to the second before.
   * @throws Error where no Event tells
   */
  async told(): Promise<ReadonlyMap<string, number>> {
    const staying = await this.#staying();
    const gone = this.#before.filter(({ metadata }) => !staying.has(metadata.uid));
    return new Map(await Promise.all(gone.map(async (pod) => [addressOf(pod), await this.#toldAt(pod)] as const)));
  }

  async #staying(): Promise<ReadonlySet<string>> {
    const now = (await this.#mail.pods('imapd')).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    return new Set(now.map(({ metadata }) => metadata.uid));
  }

  async #toldAt({ metadata: { name, uid } }: PodObject): Promise<number> {
    let times: readonly number[] = [];
    const isTold = async (): Promise<boolean> => {
      const { items } = await kubectlGet<List<{ readonly firstTimestamp: string }>>([
        'events',
        `--namespace=${this.#mail.namespace}`,
        `--field-selector=reason=Killing,involvedObject.uid=${uid}`,
      ]);
      times = items.map(({ firstTimestamp }) => Date.parse(firstTimestamp));
      return times.length > 0;
    };
    // A kubelet sends them when it comes to it.
    await waitFor(isTold, {
      what: `an Event that tells when ${name} was told to end`,
      deadlineMs: 30_000,
      everyMs: 500,
    });
    return Math.min(...times) - performance.timeOrigin;
  }
}

const addressOf = ({ metadata, status }: PodObject): string => {
  if (status.podIP === undefined) throw new Error(`${metadata.name} has no address`);
  return status.podIP;
};
