import { expect, vi } from 'vitest';
import type { Condition } from '#crds/condition.ts';
import { API_VERSION } from '#crds/group.ts';
import type { ImapCluster } from '#crds/imap-cluster.ts';
import type { Kind } from '#crds/kind.ts';
import type { MailboxPartition } from '#crds/mailbox-partition.ts';
import {
  type ApiServerWithCrds,
  definitionPath,
  startApiServerWithCrds,
} from '#crds/test-support/api-server-with-crds.ts';
import { type AuditEvent, isWrite, readAuditLog } from '#e2e/clusters/local/control-plane/audit-log.ts';
import type { ApiClient } from '../kubernetes/api/api-client.ts';
import { imapClusters, mailboxPartitions } from '../kubernetes/api/resource.ts';
import { connect } from '../kubernetes/test-support/connect.ts';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const GONE = { timeout: 20_000, interval: 100 };

/** What a person does to an API server, and what it has written down. */
export class ApiScene implements AsyncDisposable {
  readonly client: ApiClient;
  readonly #server: ApiServerWithCrds;

  private constructor(server: ApiServerWithCrds) {
    this.#server = server;
    this.client = connect(server.server.kubeconfig);
  }

  static async start(): Promise<ApiScene> {
    return new ApiScene(await startApiServerWithCrds());
  }

  get kubeconfig(): string {
    return this.#server.server.kubeconfig;
  }

  /** Who may do everything, under a name of their own in the audit log. */
  async kubeconfigOf(name: string): Promise<string> {
    return await this.#server.server.kubeconfigFor({ name, groups: ['system:masters'] });
  }

  async makeNamespace(name: string): Promise<void> {
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
    expect(await this.#server.ask('/api/v1/namespaces', { method: 'POST', body })).toMatchObject({ status: 201 });
  }

  async makeCluster(namespace: string, spec: object = {}): Promise<void> {
    const object = { apiVersion: API_VERSION, kind: 'ImapCluster', metadata: { namespace, name: 'mail' }, spec };
    expect(await this.client.create(imapClusters, object as ImapCluster)).toMatchObject({ ok: true });
  }

  async makePartition(namespace: string, name: string, spec: object = {}): Promise<void> {
    await this.restorePartition({ namespace, name }, spec);
  }

  /** As `kubectl create` does with what `kubectl get -o yaml` had said: whatever is in its metadata is the person's. */
  async restorePartition(metadata: PartitionMetadata, spec: object = {}): Promise<void> {
    const whole = { clusterRef: { name: 'mail' }, repository: { engine: 'postgresql', managed: {} }, ...spec };
    const object = { apiVersion: API_VERSION, kind: 'MailboxPartition', metadata, spec: whole };
    expect(await this.client.create(mailboxPartitions, object as MailboxPartition)).toMatchObject({ ok: true });
  }

  /** As `kubectl patch --type merge` does. */
  async patch(kind: 'imapclusters' | 'mailboxpartitions', key: string, change: object): Promise<void> {
    const [namespace, ...name] = key.split('/');
    const path = `/apis/${API_VERSION}/namespaces/${namespace}/${kind}/${name.join('/')}`;
    const how = { method: 'PATCH', body: change, contentType: 'application/merge-patch+json' } as const;
    expect(await this.#server.ask(path, how)).toMatchObject({ status: 200 });
  }

  /** As `kubectl edit --subresource status` does. */
  async patchStatus(kind: 'imapclusters' | 'mailboxpartitions', key: string, status: object): Promise<void> {
    await this.patch(kind, `${key}/status`, { status });
  }

  /** The schema of a kind as another version of its CustomResourceDefinition has it. */
  async changeSchema(kind: Kind, change: (schema: Schema) => void): Promise<void> {
    const { body } = await this.#server.ask(definitionPath(kind));
    const definition = body as Definition;
    for (const { schema } of definition.spec.versions) change(schema.openAPIV3Schema);
    const written = await this.#server.ask(definitionPath(kind), { method: 'PUT', body: definition });
    expect(written).toMatchObject({ status: 200 });
  }

  /** A kind of somebody else's, as `kubectl create -f` installs it. */
  async installDefinition(definition: object): Promise<void> {
    expect(await this.#server.ask(DEFINITIONS, { method: 'POST', body: definition })).toMatchObject({ status: 201 });
  }

  async removeDefinition(name: string): Promise<void> {
    expect(await this.#server.ask(`${DEFINITIONS}/${name}`, { method: 'DELETE' })).toMatchObject({ status: 200 });
    await vi.waitFor(async () => {
      expect(await this.#server.ask(`${DEFINITIONS}/${name}`)).toMatchObject({ status: 404 });
    }, GONE);
  }

  async partition(namespace: string, name: string): Promise<MailboxPartition | null> {
    return await this.client.get(mailboxPartitions, { namespace, name });
  }

  async cluster(namespace: string): Promise<ImapCluster | null> {
    return await this.client.get(imapClusters, { namespace, name: 'mail' });
  }

  /** Requests about a namespace that could have changed something, since a moment (ISO 8601). */
  async writes(namespace: string, since: string): Promise<readonly AuditEvent[]> {
    const log = await readAuditLog(this.#server.server.auditLog);
    return log.filter(
      (event) => isWrite(event) && event.requestReceivedTimestamp > since && event.objectRef?.namespace === namespace,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }
}

type PartitionMetadata = {
  readonly namespace: string;
  readonly name: string;
  readonly finalizers?: readonly string[];
};

/** A node of a structural schema. */
export type Schema = { properties: Record<string, Schema> } & Record<string, unknown>;
type Definition = { readonly spec: { readonly versions: readonly { readonly schema: { openAPIV3Schema: Schema } }[] } };

export const conditionOf = (object: ImapCluster | MailboxPartition | null, type: string): Condition | undefined =>
  object?.status?.conditions?.find((condition) => condition.type === type);
