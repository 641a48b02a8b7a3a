import { CoreV1Api, KubeConfig, NetworkingV1Api } from '@kubernetes/client-node';
import { pause, within } from '#runtime/deadline.ts';
import type { Cluster } from '../clusters/cluster.ts';
import type { TrackedConnection } from '../clusters/tracked-connection.ts';
import { ConnectionLogWriter } from './connection-log.ts';
import { type AddressBook, addressBook, nameEnds } from './name-ends.ts';
import { type Policy, policyOf } from './policy.ts';

/** The kernel remembers what has ended for 10 s (refused), 30 s (UDP) or longer: nothing is missed. */
const EVERY_MS = 5_000;
const LIST_MS = 5_000;

type Watched = Pick<Cluster, 'kubeconfig' | 'connections'>;

/**
 * Looks every few seconds at the connections of all nodes until the signal fires, and once more then. Writes to `file` who
 * connected to whom, as pods were called at that moment. Returns early where they cannot be seen.
 */
export async function watchConnections(cluster: Watched, file: string, signal: AbortSignal): Promise<void> {
  const watch = new Watch(cluster, new ConnectionLogWriter(file));
  do {
    if (!(await watch.look())) return;
  } while ((await pause(EVERY_MS, signal)) === 'elapsed');
  await watch.look();
  await watch.finish();
}

class Watch {
  readonly #cluster: Watched;
  readonly #log: ConnectionLogWriter;
  readonly #core: CoreV1Api;
  readonly #networking: NetworkingV1Api;
  #book: AddressBook = new Map();
  /** Of the last look: a connection is named when it is new. Later its address may be another pod's. */
  #seen: ReadonlySet<string> | null = null;
  /** Of which an end is no pod that was known. */
  #waiting: readonly TrackedConnection[] = [];

  constructor(cluster: Watched, log: ConnectionLogWriter) {
    const config = new KubeConfig();
    config.loadFromFile(cluster.kubeconfig);
    this.#cluster = cluster;
    this.#log = log;
    this.#core = config.makeApiClient(CoreV1Api);
    this.#networking = config.makeApiClient(NetworkingV1Api);
  }

  /** false: nothing can be seen here. */
  async look(): Promise<boolean> {
    const tracked = await this.#cluster.connections();
    if (tracked === null) return false;
    const policies = await this.#list();
    const before = this.#seen;
    this.#seen = new Set(tracked.map(keyOf));
    const fresh = tracked.filter((one) => before?.has(keyOf(one)) !== true);
    // A pod's address is in the API a moment after the pod has begun to use it: one look later it is.
    const known = (one: TrackedConnection): boolean => this.#book.has(one.from) && this.#book.has(one.to);
    await this.#write([...this.#waiting, ...fresh.filter(known)], policies);
    // What is older than the watch may be of pods that went before it began: nobody can name them any more.
    this.#waiting = before === null ? [] : fresh.filter((one) => !known(one));
    return true;
  }

  async finish(): Promise<void> {
    await this.#write(this.#waiting, []);
    this.#waiting = [];
  }

  async #write(connections: readonly TrackedConnection[], policies: readonly Policy[]): Promise<void> {
    const flows = connections.map((one) => nameEnds(one, this.#book));
    const ofPods = flows.filter(({ from, to }) => from.pod !== null || to.pod !== null);
    await this.#log.write(ofPods, policies);
  }

  /** While the API server is away, nobody gets an address that it knows of: what was known serves on. */
  async #list(): Promise<readonly Policy[]> {
    try {
      const [pods, namespaces, policies] = await within(
        LIST_MS,
        'listing pods',
        Promise.all([
          this.#core.listPodForAllNamespaces(),
          this.#core.listNamespace(),
          this.#networking.listNetworkPolicyForAllNamespaces(),
        ]),
      );
      this.#book = addressBook(pods.items, namespaces.items, this.#book);
      return policies.items.map(policyOf);
    } catch {
      return [];
    }
  }
}

function keyOf({ protocol, from, fromPort, to, toPort }: TrackedConnection): string {
  return [protocol, from, fromPort, to, toPort].join(' ');
}
