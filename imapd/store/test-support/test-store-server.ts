import type { EngineUnderTest } from '#database/test-support/engines-under-test.ts';
import type { StoreLimits } from '../store-limits.ts';
import type { StoreFixture } from './store-fixture.ts';

/** A database server with a store of its engine, for tests that hold for every engine. */
export interface TestStoreServer {
  readonly engine: EngineUnderTest;
  /** Where it listens: the file of a socket, or its folder, as the engine wants it. */
  readonly at: string;
  /** An empty database at epoch 1, migrated unless `bare`. */
  createDatabase(name: string, options?: { readonly bare?: boolean }): Promise<void>;
  /** A second database with the same contents; nobody may be connected to the first. */
  copyDatabase(from: string, to: string): Promise<void>;
  /** A store on a new database, with the user `ada`, her INBOX and Sent. */
  openStore(options?: OpenStore): Promise<StoreFixture>;
  /** Any database at the epoch it is at. */
  openDatabase(name: string, options?: OpenDatabase): Promise<StoreFixture>;
  stop(): Promise<void>;
}

export type OpenStore = StoreLimits & {
  /** Of the user, besides INBOX and Sent. */
  readonly mailboxes?: readonly string[];
};

export type OpenDatabase = OpenStore & {
  /** Made first. */
  readonly user?: string;
};
