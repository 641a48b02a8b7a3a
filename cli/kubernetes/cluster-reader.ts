import { API_VERSION } from '#crds/group.ts';
import type { ImapCluster } from '#crds/imap-cluster.ts';
import { imapClusterKind, mailboxPartitionKind } from '#crds/kind.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import { ADMIN_TOKEN, adminSecretName } from '#crds/names/admin-secret-name.ts';
import { LABEL, OPERATOR_LABELS, selectorText } from '#crds/names/labels.ts';
import { objectName } from '#crds/names/object-name.ts';
import { CliError, EXIT } from '../cli-error.ts';
import type { ApiPlace } from './api-place.ts';
import type { ApiReader } from './api-reader.ts';
import { chooseCluster } from './choose-cluster.ts';
import { findLeader } from './find-leader.ts';
import type { KubernetesAccess } from './kubernetes-access.ts';
import type { KubernetesOptions } from './kubernetes-options.ts';
import type { ForwardTarget } from './open-forward.ts';
import { isReady, type PodObject, portNamed, whyNotReady } from './pod-object.ts';

/** Name of the port where our programs show their health, and answer people. */
const ADMIN_PORT = 'admin';
const USUAL_PORT = 8080;

type SecretObject = { readonly data?: Readonly<Record<string, string>> };

/** What the API server knows of one cluster. */
export class ClusterReader {
  readonly api: ApiReader;
  readonly namespace: string;
  readonly name: string;
  readonly #operatorNamespace: string | null;
  #token: Promise<string> | null = null;

  private constructor(api: ApiReader, cluster: ImapCluster, options: Located) {
    this.api = api;
    this.name = cluster.metadata.name;
    this.namespace = options.namespace;
    this.#operatorNamespace = options.operatorNamespace;
  }

  /** Finds the cluster that a person means. @throws CliError */
  static async open({ reader, namespace }: KubernetesAccess, options: KubernetesOptions): Promise<ClusterReader> {
    const clusters = await reader.list<ImapCluster>(custom(imapClusterKind.plural, namespace));
    const cluster = chooseCluster(clusters, { namespace, name: options.cluster });
    return new ClusterReader(reader, cluster, { namespace, operatorNamespace: options.operatorNamespace });
  }

  async cluster(): Promise<ImapCluster> {
    const place = { ...custom(imapClusterKind.plural, this.namespace), name: this.name };
    const found = await this.api.get<ImapCluster>(place);
    if (found !== null) return { ...found, kind: 'ImapCluster' };
    throw new CliError(`the ImapCluster ${this.name} is gone`);
  }

  async partitions(): Promise<readonly MailboxPartition[]> {
    const all = await this.api.list<MailboxPartition>(custom(mailboxPartitionKind.plural, this.namespace));
    const own = all.filter(({ spec }) => spec.clusterRef.name === this.name);
    // In a list the kind is taken for granted.
    return own.map((partition) => ({ ...partition, apiVersion: API_VERSION, kind: 'MailboxPartition' }));
  }

  /** Pods of imapd and of all partitions. */
  async pods(): Promise<readonly PodObject[]> {
    return await this.api.list<PodObject>(core('pods', this.namespace), { labelSelector: this.selector });
  }

  /** Of everything that the operator makes for the cluster. */
  get selector(): string {
    return selectorText({ [LABEL.cluster]: objectName(this.name) });
  }

  async operatorPods(): Promise<readonly PodObject[]> {
    const labelSelector = selectorText(OPERATOR_LABELS);
    return await this.api.list<PodObject>(core('pods', this.#operatorNamespace), { labelSelector });
  }

  /** Where the operator that leads answers. @throws CliError */
  async leader(): Promise<ForwardTarget> {
    const pod = await findLeader(this.api, this.#operatorNamespace);
    return targetOf(pod, pod.metadata.namespace ?? this.namespace);
  }

  /** Where imapd answers: pods that are ready. @throws CliError where none is, with the reasons */
  async imapdTargets(): Promise<readonly ForwardTarget[]> {
    const pods = (await this.pods()).filter(
      ({ metadata }) => metadata.labels?.['app.kubernetes.io/component'] === 'imapd',
    );
    const ready = pods.filter(isReady);
    if (ready.length > 0) return ready.map((pod) => targetOf(pod, this.namespace));
    const reasons = pods.map((pod) => `${pod.metadata.name}: ${whyNotReady(pod)}`).join('; ');
    throw new CliError(
      `no imapd pod of ${this.name} is ready${reasons === '' ? '' : ` (${reasons})`}`,
      EXIT.unreachable,
    );
  }

  /** @throws CliError where there is none, or not for this person */
  async adminToken(): Promise<string> {
    this.#token ??= this.#readToken();
    const reading = this.#token;
    // What is not there yet, or could not be read, is looked for again.
    reading.catch(() => {
      if (this.#token === reading) this.#token = null;
    });
    return await reading;
  }

  async #readToken(): Promise<string> {
    const name = adminSecretName({ metadata: { name: this.name } });
    const secret = await this.api.get<SecretObject>({ ...core('secrets', this.namespace), name });
    const token = secret?.data?.[ADMIN_TOKEN];
    if (token !== undefined) return Buffer.from(token, 'base64').toString('utf8').trim();
    throw new CliError(
      `there is no Secret ${name} in the namespace ${this.namespace} yet: the operator makes it; is it running?`,
      EXIT.unreachable,
    );
  }
}

type Located = { readonly namespace: string; readonly operatorNamespace: string | null };

const custom = (plural: string, namespace: string): ApiPlace => ({ api: API_VERSION, plural, namespace });
const core = (plural: string, namespace: string | null): ApiPlace => ({ api: 'v1', plural, namespace });

const targetOf = (pod: PodObject, namespace: string): ForwardTarget => ({
  namespace,
  pod: pod.metadata.name,
  port: portNamed(pod, ADMIN_PORT) ?? USUAL_PORT,
});
