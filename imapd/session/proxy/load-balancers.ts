import { BlockList, isIP } from 'node:net';
import { ConfigurationError } from '#runtime/configuration.ts';

const WIDTH = { 4: 32, 6: 128 } as const;

/** The networks from which a PROXY header is believed, and wanted. */
export class LoadBalancers {
  readonly #networks = new BlockList();
  readonly #any: boolean;

  /**
   * `networks` in CIDR notation.
   * @throws ConfigurationError for one that is none
   */
  constructor(networks: readonly string[]) {
    this.#any = networks.length > 0;
    for (const network of networks) this.#add(network);
  }

  /** `address` as a session knows it: an IPv4 address is never written as one of IPv6. */
  includes(address: string): boolean {
    const version = isIP(address);
    return this.#any && version !== 0 && this.#networks.check(address, version === 4 ? 'ipv4' : 'ipv6');
  }

  #add(network: string): void {
    const [address = '', prefix = '', ...rest] = network.split('/');
    const version = isIP(address);
    const bits = /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
    if ((version !== 4 && version !== 6) || !(bits <= WIDTH[version]) || rest.length > 0) {
      throw new ConfigurationError(`proxyProtocolFrom: ${JSON.stringify(network)} is no network; write 192.0.2.0/24`);
    }
    this.#networks.addSubnet(address, bits, version === 4 ? 'ipv4' : 'ipv6');
  }
}
