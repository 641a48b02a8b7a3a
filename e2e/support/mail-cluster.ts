import { X509Certificate } from 'node:crypto';
import { generate } from 'selfsigned';
import { slotOf } from '#contract/placement.ts';
import type { Engine } from '#database/engine.ts';
import type { ImapEndpoint, Login } from '#demo/clients/mail-session.ts';
import { waitFor } from '../clusters/process/wait-for.ts';
import { greetingAt } from './greeting.ts';
import { addUser, adminPortOf, answers, certificateOf, IMAP_PORT, IMAPS_PORT, isReady } from './imapd-pod.ts';
import { kubectl, kubectlApply, kubectlGet } from './kubectl.ts';
import { makeNamespace } from './make-namespace.ts';
import { type Condition, condition, type List, type PartitionObject, type PodObject } from './objects.ts';
import { type Place, placeOf, placeOfAny, wayIn } from './way-in/way-in.ts';

export type PartitionShape = {
  readonly name: string;
  /** As in `spec.holds.slots`. */
  readonly slots: readonly string[];
  /** PostgreSQL unless said. */
  readonly engine?: Engine;
  readonly mode?: 'Quorum' | 'Async';
  readonly instances?: number;
  /** Further fields of `spec.repository.managed`. */
  readonly managed?: Readonly<Record<string, unknown>>;
  readonly failover?: Readonly<Record<string, unknown>>;
};

export type MailClusterShape = {
  readonly namespace: string;
  readonly replicas?: number;
  readonly partitions: readonly PartitionShape[];
  /** Further fields of `spec` of the ImapCluster. */
  readonly spec?: Readonly<Record<string, unknown>>;
};

const NAME = 'mail';
const READY_MS = 240_000;
/** For a pod that takes sessions, in a cluster that is whole but for what a test has just done. */
const SERVING_MS = 60_000;
const GREETING_MS = 5_000;

/** An ImapCluster with its partitions in a namespace of its own, as a user of the operator sees them. */
export class MailCluster {
  readonly namespace: string;
  readonly shape: MailClusterShape;

  constructor(shape: MailClusterShape) {
    this.namespace = shape.namespace;
    this.shape = shape;
  }

  /** Applies the manifests and waits until mail is served. */
  static async create(shape: MailClusterShape): Promise<MailCluster> {
    const mail = new MailCluster(shape);
    await makeNamespace(shape.namespace);
    await mail.renewCertificate();
    await mail.apply();
    await mail.untilReady();
    await mail.untilReached();
    return mail;
  }

  /** The nodes learn of a Service's pods a moment after the pods are ready. */
  async untilReached(): Promise<void> {
    const place = await this.endpoint();
    const greets = async (): Promise<boolean> => (await greetingAt(place, GREETING_MS)).startsWith('* OK');
    const what = `imapd greets at ${place.host}:${place.port}`;
    await waitFor(greets, { what, deadlineMs: 30_000, everyMs: 100 });
  }

  /**
   * The one that test files share, since bringing one up takes a minute: `users-a` is Quorum of three, `users-b` Async of
   * two. Whoever takes it finds it whole, and leaves it so.
   */
  static async shared(): Promise<MailCluster> {
    const shape = sharedShape();
    const at = `--namespace=${shape.namespace}`;
    const known = await kubectl(['get', 'mailboxpartitions', at, '--output=name']);
    // One that was begun and not finished is finished.
    if (known.trim().split('\n').length < shape.partitions.length) return await MailCluster.create(shape);
    const mail = new MailCluster(shape);
    await mail.untilReady();
    return mail;
  }

  async remove(): Promise<void> {
    const { namespace } = this;
    // They still hold users: said to be meant.
    for (const { name } of this.shape.partitions) {
      await kubectl([
        'annotate',
        `--namespace=${namespace}`,
        `mailboxpartition/${name}`,
        `imapcluster.io/confirm-deletion=${name}`,
        '--overwrite',
      ]).catch(() => '');
    }
    await kubectl(['delete', 'namespace', namespace, '--wait=false'], { deadlineMs: 60_000 });
  }

  /** Applies what is changed, everything where nothing is named. */
  async apply(change: Partial<MailClusterShape> = {}): Promise<void> {
    Object.assign(this.shape, change);
    const partitions = this.shape.partitions.map((partition) => this.#partition(partition));
    const isOfPartitions = Object.keys(change).join() === 'partitions';
    await kubectlApply(isOfPartitions ? partitions : [this.#cluster(), ...partitions]);
  }

  /** As a person, or an autoscaler, does it: by the scale subresource. */
  async scale(replicas: number): Promise<void> {
    Object.assign(this.shape, { replicas });
    await kubectl(['scale', `imapcluster/${NAME}`, `--namespace=${this.namespace}`, `--replicas=${replicas}`]);
  }

  #cluster(): object {
    const { namespace, replicas = 2, spec = {} } = this.shape;
    return {
      apiVersion: 'imapcluster.io/v1alpha1',
      kind: 'ImapCluster',
      metadata: { name: NAME, namespace },
      spec: { replicas, tls: { secretName: 'mail-tls' }, ...spec },
    };
  }

  #partition(shape: PartitionShape): object {
    const { name, slots, engine = 'postgresql', mode = 'Quorum', instances = 3, managed = {}, failover = {} } = shape;
    return {
      apiVersion: 'imapcluster.io/v1alpha1',
      kind: 'MailboxPartition',
      metadata: { name, namespace: this.namespace },
      spec: {
        clusterRef: { name: NAME },
        holds: { slots },
        durability: { mode },
        failover,
        repository: {
          engine,
          managed: {
            instances,
            storage: { size: '1Gi' },
            resources: { requests: { cpu: '50m', memory: '128Mi' } },
            ...managed,
          },
        },
      },
    };
  }

  /** A new certificate in the Secret that the cluster names. Returns its SHA-256 fingerprint. */
  async renewCertificate(): Promise<string> {
    const pair = await generate([{ name: 'commonName', value: 'mail.example.org' }], {
      keyType: 'ec',
      algorithm: 'sha256',
    });
    await kubectlApply([
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'mail-tls', namespace: this.namespace },
        type: 'kubernetes.io/tls',
        stringData: { 'tls.crt': pair.cert, 'tls.key': pair.private },
      },
    ]);
    return new X509Certificate(pair.cert).fingerprint256;
  }

  /** What every imapd pod shows to a new connection: SHA-256 fingerprints. */
  async certificates(): Promise<readonly string[]> {
    return await Promise.all((await this.servingPods()).map(certificateOf));
  }

  /** Every partition is healthy, and every imapd pod is of the newest make and takes sessions. */
  async untilReady(ms = READY_MS): Promise<void> {
    for (const { name } of this.shape.partitions) await this.untilHealthy(name, ms);
    const whole = async (): Promise<boolean> => {
      const { metadata, status } = await kubectlGet<{
        metadata: { generation: number };
        status?: { conditions?: readonly Condition[] };
      }>([`imapcluster/${NAME}`, `--namespace=${this.namespace}`]);
      const is = (type: string, reason: string): boolean =>
        status?.conditions?.some(
          (one) => one.type === type && one.reason === reason && (one.observedGeneration ?? 0) >= metadata.generation,
        ) === true;
      return is('Ready', 'Serving') && is('Progressing', 'RolledOut') && (await this.#allAnswer());
    };
    await this.#until(whole, `ImapCluster ${NAME} whole`, ms);
  }

  /** By the pods' own word too: of a node that was away, Kubernetes may not know yet that its pods have ended. */
  async #allAnswer(): Promise<boolean> {
    const pods = await this.servingPods();
    const answered = await Promise.all(pods.map(answers));
    return pods.length === (this.shape.replicas ?? 2) && !answered.includes(false);
  }

  /** Serves writes, and every replica streams. */
  async untilHealthy(partition: string, ms = READY_MS): Promise<PartitionObject> {
    let seen: PartitionObject | null = null;
    const healthy = async (): Promise<boolean> => {
      seen = await this.partition(partition);
      return seen.status?.phase === 'Healthy' && condition(seen, 'Ready') === 'True';
    };
    await this.#until(healthy, `MailboxPartition ${partition} Healthy`, ms);
    return seen ?? (await this.partition(partition));
  }

  /** The same under another primary than `from`. The status tells of a change a moment after it: those who write go first. */
  async untilTakenOver(partition: string, from: string, ms = READY_MS): Promise<PartitionObject> {
    const told = async (): Promise<boolean> =>
      ![null, undefined, from].includes((await this.partition(partition)).status?.primary);
    await this.#until(told, `another primary of ${partition} than ${from}`, ms);
    return await this.untilHealthy(partition, ms);
  }

  /** The question, with all that is known of the cluster where time runs out. */
  async #until(question: () => Promise<boolean>, what: string, ms: number): Promise<void> {
    try {
      await waitFor(question, { what, deadlineMs: ms, everyMs: 250 });
    } catch (cause) {
      throw new Error(`${(cause as Error).message}\n${await this.describe()}`, { cause });
    }
  }

  /** Conditions, pods, events and the last words of all, for a failure's message. */
  async describe(): Promise<string> {
    const at = `--namespace=${this.namespace}`;
    const pods = await kubectlGet<List<PodObject>>(['pods', at]).catch(() => ({ items: [] }));
    const logs = pods.items.map(async ({ metadata: { name } }) => {
      const told = await kubectl(['logs', name, at, '--tail=40']).catch(String);
      return `--- ${name}\n${told}`;
    });
    const parts = await Promise.all([
      kubectl(['get', 'imc,mbp', at, '--output=yaml']).catch(String),
      kubectl(['get', 'pods,pvc', at, '--output=wide']).catch(String),
      kubectl(['get', 'events', at, '--sort-by=.lastTimestamp']).catch(String),
      ...logs,
    ]);
    return parts.join('\n');
  }

  async partition(name: string): Promise<PartitionObject> {
    return await kubectlGet<PartitionObject>([`mailboxpartition/${name}`, `--namespace=${this.namespace}`]);
  }

  /** The pod of the primary. */
  async primary(partition: string): Promise<PodObject> {
    const { status } = await this.partition(partition);
    return await this.pod(status?.primary ?? 'nobody');
  }

  async pod(name: string): Promise<PodObject> {
    return await kubectlGet<PodObject>([`pod/${name}`, `--namespace=${this.namespace}`]);
  }

  async pods(component: 'imapd' | 'database'): Promise<readonly PodObject[]> {
    const selector = `app.kubernetes.io/component=${component}`;
    return (await kubectlGet<List<PodObject>>(['pods', `--namespace=${this.namespace}`, `--selector=${selector}`]))
      .items;
  }

  /** Those to which Kubernetes sends clients. */
  async servingPods(): Promise<readonly PodObject[]> {
    return (await this.pods('imapd')).filter(isReady);
  }

  /** Where mail programs connect: the Service, from within the cluster's network or from outside. */
  async endpoint(): Promise<Place & { readonly secure: true }> {
    return { ...(await this.#service({ port: 993, targetPort: IMAPS_PORT })), secure: true };
  }

  /** The same for IMAP that begins in clear text. */
  async clearEndpoint(): Promise<Place> {
    return await this.#service({ port: 143, targetPort: IMAP_PORT });
  }

  async #service({ port, targetPort }: { readonly port: number; readonly targetPort: number }): Promise<Place> {
    const service = `service/${NAME}-imap`;
    const at = `--namespace=${this.namespace}`;
    if (wayIn() === 'forwarded')
      return await placeOfAny(`${service} ${at}`, targetPort, async () => await this.servingPods());
    const { spec } = await kubectlGet<{ spec: { clusterIP: string } }>([service, at]);
    return { host: spec.clusterIP, port };
  }

  /** The Service; or, where pods of one node are to be avoided, the addresses of the others. */
  async endpoints(avoidNode?: string): Promise<readonly ImapEndpoint[]> {
    return avoidNode === undefined ? [await this.endpoint()] : await this.podEndpoints(avoidNode);
  }

  /** The pods' own addresses. */
  async podEndpoints(avoidNode?: string): Promise<readonly ImapEndpoint[]> {
    let found: readonly ImapEndpoint[] = [];
    const elsewhere = async (): Promise<boolean> => {
      const pods = (await this.servingPods()).filter(({ spec }) => spec.nodeName !== avoidNode);
      const places = await Promise.all(pods.map(async (pod) => await placeOf(pod, IMAPS_PORT)));
      found = places.map((place) => ({ ...place, secure: true }));
      return found.length > 0;
    };
    await this.#until(elsewhere, `an imapd pod that is not on ${avoidNode}`, SERVING_MS);
    return found;
  }

  /** Users of this test file alone, in the partitions by turns; none that a try before has made. */
  async someUsers(prefix: string, count = 4): Promise<readonly Login[]> {
    const { partitions } = this.shape;
    const logins: Login[] = [];
    const token = await this.adminToken();
    for (let number = 0; logins.length < count; number += 1) {
      const name = `${prefix}-${number}@example.org`;
      const wanted = partitions[logins.length % partitions.length];
      const isThere = wanted?.slots.some((range) => isWithin(slotOf(name), range)) === true;
      const login = isThere ? await this.#add(name, token) : null;
      if (login !== null) logins.push(login);
    }
    return logins;
  }

  /** What opens the admin ports of imapd to a person. */
  async adminToken(): Promise<string> {
    const secret = await kubectlGet<{ data: { token: string } }>([
      `secret/${NAME}-admin`,
      `--namespace=${this.namespace}`,
    ]);
    return Buffer.from(secret.data.token, 'base64').toString('utf8');
  }

  /** Through whichever pod takes it: one that was chosen may just be ending. null: there is such a user. */
  async #add(name: string, token: string): Promise<Login | null> {
    let login: Login | null = null;
    const added = async (): Promise<boolean> => {
      for (const pod of await this.servingPods()) {
        if (!(await answers(pod))) continue;
        login = await addUser(name, await adminPortOf(pod, token));
        return true;
      }
      return false;
    };
    await this.#until(added, `user ${name}`, SERVING_MS);
    return login;
  }
}

/** `range`: as in `spec.holds.slots`, `5` or `0-511`. */
function isWithin(slot: number, range: string): boolean {
  const [first = 0, last = first] = range.split('-').map(Number);
  return slot >= first && slot <= last;
}

/** Half of the slots each. */
const sharedShape = (): MailClusterShape => ({
  namespace: 'e2e-mail',
  replicas: 2,
  partitions: [
    { name: 'users-a', slots: ['0-511'] },
    { name: 'users-b', slots: ['512-1023'], mode: 'Async', instances: 2 },
  ],
});
