import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Heartbeats } from '#contract/push-api.ts';
import { ROUTING_API_VERSION, type RoutingDocument, type Target } from '#contract/routing-document.ts';
import { generateSigningKey, type SigningKey, sign } from '#contract/signature.ts';
import { mailCredentials } from './mail-credentials.ts';

/** The operator's side of one cluster: a key, numbered documents, heartbeats, files as imapd expects them. */
export class TestCluster {
  readonly key: SigningKey;
  readonly folder: string;
  /** Shared namespaces of the documents to come, with their partitions. */
  namespaces: Readonly<Record<string, string>> = {};
  #version = 0;

  private constructor(key: SigningKey, folder: string) {
    this.key = key;
    this.folder = folder;
  }

  static async start(partitions: readonly string[]): Promise<TestCluster> {
    const folder = await mkdtemp(join(tmpdir(), 'imapcluster-imapd-'));
    for (const partition of partitions) {
      await writeFile(join(folder, `${partition}.json`), JSON.stringify(mailCredentials));
    }
    return new TestCluster(await generateSigningKey('test'), folder);
  }

  /** The next document: every slot lies in the first partition. */
  async document(partitions: Readonly<Record<string, Target>>, version = this.#version + 1): Promise<string> {
    this.#version = Math.max(this.#version, version);
    const [partition = ''] = Object.keys(partitions);
    const document: RoutingDocument = {
      apiVersion: ROUTING_API_VERSION,
      cluster: 'mail',
      version,
      placement: { users: {}, namespaces: this.namespaces, slots: [{ from: 0, to: 1023, partition }] },
      partitions: { ...partitions },
    };
    return await sign(document, 'routing', this.key.privateJwk);
  }

  async heartbeat(beat: {
    readonly pod: string;
    readonly echo: string | null;
    readonly leases: Readonly<Record<string, { readonly epoch: number; readonly seconds: number }>>;
    readonly full?: readonly string[];
  }): Promise<string> {
    return await sign({ cluster: 'mail', sequence: 1, ...beat }, 'heartbeat', this.key.privateJwk);
  }

  /** For several pods under one signature. */
  async heartbeats(beats: Omit<Heartbeats, 'cluster'>, cluster = 'mail'): Promise<string> {
    return await sign({ cluster, ...beats }, 'heartbeats', this.key.privateJwk);
  }

  async close(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
