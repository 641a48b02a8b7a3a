import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ApiException,
  CoreV1Api,
  type Informer,
  type KubeConfig,
  type KubernetesObject,
  makeInformer,
  type ObjectCache,
  PatchStrategy,
  setHeaderOptions,
  type V1PersistentVolume,
  type V1PersistentVolumeClaim,
} from '@kubernetes/client-node';
import { decideVolumes, newVolume, type VolumeAction } from './decide-volumes.ts';

export type ProvisionerOptions = {
  readonly config: KubeConfig;
  /** Where a node's volumes are. */
  folderOf(node: string): string;
  log(text: string): void;
  readonly signal: AbortSignal;
};

type Watched<T extends KubernetesObject> = Informer<T> & ObjectCache<T>;

/** A list or watch that failed is tried again after this long; an outage of the API server is nothing unusual here. */
const CONFLICT = 409;
const AGAIN_MS = 1_000;
const NOTIFICATIONS = ['add', 'update', 'delete'] as const;

/** Makes, grows and removes the volumes of our storage class until the signal fires. Runs in the control plane. */
export class Provisioner {
  readonly #options: ProvisionerOptions;
  readonly #core: CoreV1Api;
  readonly #claims: Watched<V1PersistentVolumeClaim>;
  readonly #volumes: Watched<V1PersistentVolume>;
  #told = '';
  #working: Promise<void> | null = null;
  #again = false;

  constructor(options: ProvisionerOptions) {
    this.#options = options;
    const { config } = options;
    const core = config.makeApiClient(CoreV1Api);
    this.#core = core;
    this.#claims = makeInformer(config, '/api/v1/persistentvolumeclaims', () =>
      core.listPersistentVolumeClaimForAllNamespaces(),
    );
    this.#volumes = makeInformer(config, '/api/v1/persistentvolumes', () => core.listPersistentVolume());
  }

  async start(): Promise<void> {
    await Promise.all([this.#keep(this.#claims), this.#keep(this.#volumes)]);
  }

  /** An informer of this library ends at its first error, and may tell of one error twice. */
  async #keep<T extends KubernetesObject>(informer: Watched<T>): Promise<void> {
    const { signal } = this.#options;
    for (const what of NOTIFICATIONS) informer.on(what, () => this.#wake());
    let waiting = false;
    const again = (error: Error): void => {
      if (waiting || signal.aborted) return;
      waiting = true;
      this.#tell(error);
      setTimeout(() => {
        waiting = false;
        if (!signal.aborted) informer.start().catch(again);
      }, AGAIN_MS).unref();
    };
    informer.on('error', again);
    signal.addEventListener('abort', () => void informer.stop(), { once: true });
    await informer.start();
  }

  /** In an outage each try fails in the same way: told once. What the API server answers goes on for many lines. */
  #tell({ message }: Error, doing = ''): void {
    const trouble = `provisioner: ${doing}${message.split('\n', 1)[0]}`;
    if (trouble !== this.#told) this.#options.log(trouble);
    this.#told = trouble;
  }

  /** One round at a time; what changes during one leads to another. */
  #wake(): void {
    this.#again = true;
    this.#working ??= this.#rounds().finally(() => {
      this.#working = null;
      // Something changed after the last look and before this.
      if (this.#again) this.#wake();
    });
  }

  async #rounds(): Promise<void> {
    while (this.#again && !this.#options.signal.aborted) {
      this.#again = false;
      for (const action of decideVolumes(this.#claims.list(), this.#volumes.list())) {
        try {
          await this.#act(action);
          this.#told = '';
        } catch (error) {
          // The next change or the next outage's end brings another look; the cache may only have been old.
          this.#tell(error as Error, `${action.kind}: `);
          setTimeout(() => this.#wake(), AGAIN_MS).unref();
        }
      }
    }
  }

  async #act(action: VolumeAction): Promise<void> {
    switch (action.kind) {
      case 'create':
        return await this.#create(action);
      case 'grow':
        return await this.#grow(action);
      case 'remove':
        return await this.#remove(action.volume);
    }
  }

  async #create(action: Extract<VolumeAction, { kind: 'create' }>): Promise<void> {
    const path = join(this.#options.folderOf(action.node), action.volume);
    await mkdir(path, { recursive: true, mode: 0o777 });
    try {
      await this.#core.createPersistentVolume({ body: newVolume(action, path) });
    } catch (error) {
      // Made in an earlier round that the cache has not heard of yet.
      if (!(error instanceof ApiException && error.code === CONFLICT)) throw error;
    }
  }

  /** A folder has no size of its own: growing is a matter of saying so, on the volume first, as a real driver would. */
  async #grow({ claim, volume, size }: Extract<VolumeAction, { kind: 'grow' }>): Promise<void> {
    const capacity = { storage: size };
    const merge = setHeaderOptions('Content-Type', PatchStrategy.MergePatch);
    await this.#core.patchPersistentVolume({ name: volume, body: { spec: { capacity } } }, merge);
    const name = claim.metadata?.name ?? '';
    const namespace = claim.metadata?.namespace ?? '';
    await this.#core.patchNamespacedPersistentVolumeClaimStatus(
      { name, namespace, body: { status: { capacity, conditions: [] } } },
      merge,
    );
  }

  async #remove({ metadata, spec }: V1PersistentVolume): Promise<void> {
    const path = spec?.local?.path;
    if (path !== undefined) await rm(path, { recursive: true, force: true });
    await this.#core.deletePersistentVolume({ name: metadata?.name ?? '' });
  }
}
