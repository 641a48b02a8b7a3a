import { KubeConfig } from '@kubernetes/client-node';
import { pause } from '#runtime/deadline.ts';
import { ApiConnection } from '#runtime/kubernetes/api-connection.ts';
import { createLogger } from '#runtime/logger.ts';
import type { Clock } from '../../ports.ts';
import { ApiClient, type RightToWrite } from '../api/api-client.ts';

/** A client for the user of a kubeconfig. @param maxRequests at the same time */
export function connect(kubeconfig: string, right: RightToWrite | null = null, maxRequests?: number): ApiClient {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  return new ApiClient(new ApiConnection(config, 'imapcluster-test', maxRequests), right);
}

const clock: Clock = { now: () => Date.now(), monotonic: () => performance.now(), sleep: pause };

/** What everything here needs of its process, for real. */
export const runtime = {
  clock,
  random: Math.random,
  log: createLogger({ program: 'test', level: 'error' }),
} as const;
