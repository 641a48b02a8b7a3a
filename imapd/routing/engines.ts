import type { Target } from '#contract/routing-document.ts';
import type { Engine } from '#database/engine.ts';
import type { Flavour } from '#database/mysql/flavour.ts';
import type { Collectable } from '../store/collect/collect-periodically.ts';
import { collectable as collectableOfMysql } from '../store/mysql/collect/collectable.ts';
import { MysqlStore } from '../store/mysql/mysql-store.ts';
import { collectable } from '../store/postgres/collect/collectable.ts';
import { PostgresStore } from '../store/postgres/postgres-store.ts';
import { DroppedSignatures } from '../store/signatures/dropped-signatures.ts';
import type { Store } from '../store/store.ts';
import type { StoreLimits } from '../store/store-limits.ts';
import type { Driver } from './driver.ts';
import { MysqlDriver } from './mysql/mysql-driver.ts';
import type { OpenOptions, OpenRepository } from './open-repository.ts';
import { postgresDriver } from './postgres/postgres-driver.ts';
import { Repository } from './repository/repository.ts';
import type { RepositoryAccess } from './repository-access.ts';

/** An engine's connections, and the mail over them. */
type Parts<C extends object> = {
  readonly driver: Driver<C>;
  readonly openStore: (access: RepositoryAccess<C>, limits: StoreLimits) => Store;
  readonly collectable: (access: RepositoryAccess<C>) => Collectable;
};

/** Above this nobody knows what the connections are. */
class RepositoryOf<C extends object> extends Repository<C> implements OpenRepository {
  readonly engine: Engine;
  readonly store: Store;
  readonly collect: Collectable['collect'];

  constructor(parts: Parts<C>, options: OpenOptions, target: Target) {
    super(parts.driver, options, target);
    this.engine = parts.driver.engine;
    const dropped = new DroppedSignatures({
      log: options.log.child({ partition: this.partition }),
      now: () => options.clock.now(),
      count: (messages) => options.observer.signaturesDropped(this.partition, messages),
    });
    this.store = parts.openStore(this, { ...options.storeLimits, onSignaturesDropped: (each) => dropped.note(each) });
    const collecting = parts.collectable(this);
    this.collect = (limits, attempt) => collecting.collect(limits, attempt);
  }
}

const opens =
  <C extends object>(parts: Parts<C>) =>
  (options: OpenOptions, target: Target): OpenRepository =>
    new RepositoryOf(parts, options, target);

const ofMysql = (flavour: Flavour) =>
  opens({
    driver: new MysqlDriver(flavour),
    openStore: (access, limits) => new MysqlStore(access, limits),
    collectable: collectableOfMysql,
  });

/** How a repository is opened, by its engine; one that is not here is not served. */
export const engines: { readonly [E in Engine]?: ReturnType<typeof opens> } = {
  postgresql: opens({
    driver: postgresDriver,
    openStore: (access, limits) => new PostgresStore(access, limits),
    collectable,
  }),
  mariadb: ofMysql('mariadb'),
  mysql: ofMysql('mysql'),
};
