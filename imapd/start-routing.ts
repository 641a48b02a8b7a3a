import { readFile } from 'node:fs/promises';
import type { ClientBase } from 'pg';
import type { Logger } from '#runtime/logger.ts';
import type { ImapdConfiguration } from './configuration.ts';
import { systemClock } from './routing/clock.ts';
import { credentialsFrom } from './routing/credentials.ts';
import type { RoutingObserver } from './routing/observer.ts';
import { RecentContent } from './routing/recent-content.ts';
import { RecentContentStore } from './routing/recent-content-store.ts';
import type { RepositoryAccess } from './routing/repository-access.ts';
import { RoutingTable } from './routing/routing-table.ts';
import { UserStores } from './routing/user-stores.ts';
import { PostgresStore } from './store/postgres/postgres-store.ts';
import type { Store } from './store/store.ts';

export type Routing = { readonly table: RoutingTable; readonly stores: UserStores };

/** The routing table with the document to begin with, and a store for each partition of it. */
export async function startRouting(
  { cluster, pod, routing, credentialsDirectory, pools, sessions, reads }: ImapdConfiguration,
  { observer, log }: { readonly observer: RoutingObserver; readonly log: Logger },
): Promise<Routing> {
  const table = new RoutingTable({ cluster, publicKeys: routing.publicKeys, log });
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
    openStore: (access) => openStore(access, { maxBytes: reads.recentContentCacheBytes, observer }),
  });
  if (routing.documentFile !== undefined) await readDocument(routing.documentFile, table, log);
  return { table, stores };
}

/** The store of one partition, with its own share of memory for young content. */
function openStore(
  access: RepositoryAccess<ClientBase>,
  { maxBytes, observer }: { readonly maxBytes: number; readonly observer: RoutingObserver },
): Store {
  const onHit = (bytes: number): void =>
    observer.contentRead(access.partition, { source: 'cache', member: '', bytes, fallback: null });
  const recent = new RecentContent(maxBytes);
  return new RecentContentStore(new PostgresStore(access), { recent, epoch: () => access.epoch, onHit });
}

/** A document to begin with; without one, or with an old one, the operator's push comes soon. */
async function readDocument(file: string, table: RoutingTable, log: Logger): Promise<void> {
  try {
    await table.apply((await readFile(file, 'utf8')).trim());
  } catch (error) {
    log.event(
      'RoutingRefused',
      { file, reason: String(error) },
      'No routing document to begin with: waiting for a push.',
    );
  }
}
