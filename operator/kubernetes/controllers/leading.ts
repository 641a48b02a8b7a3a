import type { Registry } from 'prom-client';
import type { Logger } from '#runtime/logger.ts';
import type { OperatorConfiguration } from '../../configuration.ts';
import type { Clock } from '../../ports.ts';
import type { ApiClient, RightToWrite } from '../api/api-client.ts';
import type { Caches } from './caches/caches.ts';

/** What everything shares that acts while this operator leads. */
export type Leading = {
  /** Writes under `right`, and not without it. */
  readonly client: ApiClient;
  /** Its signal ends everything. */
  readonly right: RightToWrite;
  readonly caches: Caches;
  readonly configuration: OperatorConfiguration;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly metrics: Registry;
};
