import type { Socket } from 'node:net';
import type { Logger } from '#runtime/logger.ts';
import type { Peer } from '../session.ts';
import type { SessionLimits } from '../session-limits.ts';
import type { SessionObserver } from '../session-observer.ts';
import type { LoadBalancers } from './load-balancers.ts';
import { takeProxyHeader } from './take-proxy-header.ts';

export type PeersOptions = {
  readonly balancers: LoadBalancers;
  readonly limits: Pick<SessionLimits, 'proxyHeaderMs' | 'maxStrangers'>;
  readonly observer: Pick<SessionObserver, 'proxyHeaderRefused'>;
  readonly log: Logger;
};

/** Finds out who is at the other end of a fresh connection: whoever the kernel names, or whom a load balancer speaks for. */
export class Peers {
  readonly #options: PeersOptions;
  #awaiting = 0;

  constructor(options: PeersOptions) {
    this.#options = options;
  }

  /**
   * null where a load balancer does not say. Through one, nobody is on this machine: a header can name any address, and there
   * is a network between.
   */
  async of(socket: Socket): Promise<Peer | null> {
    const address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
    if (this.#options.balancers.includes(address)) return await this.#behind(address, socket);
    return { remoteAddress: address, loopback: address === '::1' || address.startsWith('127.'), balancer: null };
  }

  async #behind(balancer: string, socket: Socket): Promise<Peer | null> {
    const { limits, log, observer } = this.#options;
    // Those that wait here are not admitted yet, so that they have a bound of their own.
    const full = this.#awaiting >= limits.maxStrangers;
    this.#awaiting++;
    try {
      const taken = full ? FULL : await takeProxyHeader(socket, limits.proxyHeaderMs);
      if (taken.kind === 'header') return { remoteAddress: taken.address ?? balancer, loopback: false, balancer };
      if (taken.kind === 'silent') return null;
      observer.proxyHeaderRefused();
      log.event('ProxyHeaderRefused', { balancer, reason: taken.reason });
      return null;
    } finally {
      this.#awaiting--;
    }
  }
}

const FULL = { kind: 'refused', reason: 'too many connections wait for their header' } as const;
