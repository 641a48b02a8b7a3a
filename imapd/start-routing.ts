import type { Logger } from '#runtime/logger.ts';
import { PublicKeys } from '#runtime/public-keys.ts';
import type { ImapdConfiguration } from './configuration.ts';
import { AheadContent } from './routing/ahead-content.ts';
import { systemClock } from './routing/clock.ts';
import { credentialsFrom } from './routing/credentials.ts';
import { apiServerOfPod } from './routing/fallback/api-server-of-pod.ts';
import { configMapDocument } from './routing/fallback/config-map-document.ts';
import { documentFile } from './routing/fallback/document-file.ts';
import type { DocumentSource } from './routing/fallback/document-source.ts';
import { RoutingFallback } from './routing/fallback/routing-fallback.ts';
import { ListedContent } from './routing/listed-content.ts';
import type { RoutingObserver } from './routing/observer.ts';
import type { OpenRepository } from './routing/open-repository.ts';
import { RecentContent } from './routing/recent-content.ts';
import { RecentContentStore } from './routing/recent-content-store.ts';
import { RoutingTable } from './routing/routing-table.ts';
import { UserStores } from './routing/user-stores.ts';
import type { QuotaLimits } from './store/quota.ts';
import type { Store } from './store/store.ts';

/** A file system that hangs must not hang the start, ms. */
const READ_MS = 5_000;

export type Routing = {
  readonly table: RoutingTable;
  readonly stores: UserStores;
  readonly publicKeys: PublicKeys;
  /** To be started when everything else is there, and stopped. */
  readonly fallback: RoutingFallback;
};

/** The routing table with the document to begin with, and a store for each partition of it. */
export async function startRouting(
  { cluster, pod, routing, credentialsDirectory, pools, sessions, reads, mime, quota, metadata }: ImapdConfiguration,
  { observer, log }: { readonly observer: RoutingObserver; readonly log: Logger },
): Promise<Routing> {
  const publicKeys = new PublicKeys({ keys: routing.publicKeys, file: routing.publicKeysFile, log });
  const limits: QuotaLimits = { STORAGE: quota.storage, MESSAGE: quota.messages, MAILBOX: quota.mailboxes };
  const table = new RoutingTable({ cluster, publicKeys, log });
  const ahead = new AheadContent(reads.readAheadBytes);
  const stores = new UserStores({
    table,
    pod,
    log,
    clock: systemClock,
    random: Math.random,
    credentials: (partition) => credentialsFrom(credentialsDirectory, partition),
    sizes: pools,
    writeHoldMs: sessions.writeHoldMs,
    maxHeld: sessions.maxHeld,
    maxReplicaLagMs: reads.maxReplicaLagMs,
    observer,
    storeLimits: { mime, limits, annotationOctets: metadata.maxPerUser, searchSignatures: reads.searchSignatures },
    storeOf: (repository) => withMemory(repository, { observer, ahead, maxBytes: reads.recentContentCacheBytes }),
  });
  const fallback = new RoutingFallback({
    table,
    sources: documentSources(routing),
    inDoubt: () => Object.values(stores.repositories.views).some((view) => view.writerReachable === false),
    silentAfterMs: routing.silentAfterMs,
    everyMs: routing.lookEveryMs,
    ...{ clock: systemClock, random: Math.random, log },
  });
  if (routing.documentFile !== undefined) await readDocument(documentFile(routing.documentFile), table, log);
  return { table, stores, publicKeys, fallback };
}

type Memory = { readonly observer: RoutingObserver; readonly ahead: AheadContent; readonly maxBytes: number };

/** The store of one partition, with its own share of memory for content; what is read ahead shares one. */
function withMemory(repository: OpenRepository, { observer, ahead, maxBytes }: Memory): Store {
  const onHit = (bytes: number): void =>
    observer.contentRead(repository.partition, { source: 'cache', member: '', bytes, fallback: null });
  // Either is for what is asked for more than once, and neither may drive out the other.
  const [recent, listed] = [new RecentContent(maxBytes / 2), new ListedContent(maxBytes / 2)];
  return new RecentContentStore(repository.store, {
    recent,
    listed,
    ahead,
    epoch: () => repository.epoch,
    onHit,
    onSignatures: (note) => observer.searched(repository.partition, note),
  });
}

/** Where the newest document lies without the operator: first what costs nothing. */
function documentSources({ documentFile: file, configMap }: ImapdConfiguration['routing']): readonly DocumentSource[] {
  const files = file === undefined ? [] : [documentFile(file)];
  const apiServer = configMap?.apiServer ?? apiServerOfPod(process.env);
  if (configMap === undefined || apiServer === null) return files;
  return [...files, configMapDocument({ ...configMap, apiServer })];
}

/** A document to begin with; without one, or with an old one, the operator's push comes soon. */
async function readDocument(source: DocumentSource, table: RoutingTable, log: Logger): Promise<void> {
  let reason = 'there is none';
  try {
    const document = await source.read(AbortSignal.timeout(READ_MS));
    if (document !== null) {
      await table.apply(document);
      return;
    }
  } catch (error) {
    reason = String(error);
  }
  log.event('RoutingRefused', { file: source.name, reason }, 'No routing document to begin with: waiting for a push.');
}
