import type { NodePlan } from '../layout.ts';
import type { NodeFolder } from './node-folder.ts';

/** The pod network of a node (CNI): a bridge, addresses from the node's range, and ports of the host by nftables. */
export function networkConfig(plan: NodePlan, folder: NodeFolder): string {
  return JSON.stringify(
    {
      cniVersion: '1.0.0',
      name: 'pods',
      plugins: [
        {
          type: 'bridge',
          bridge: 'cni0',
          isGateway: true,
          // A pod's address is its own everywhere: there is nothing outside to hide it from.
          ipMasq: false,
          // So that a pod reaches itself by its Service.
          hairpinMode: true,
          ipam: {
            type: 'host-local',
            dataDir: folder.addresses,
            ranges: [[{ subnet: plan.pods }]],
            routes: [{ dst: '0.0.0.0/0' }],
          },
        },
        { type: 'portmap', capabilities: { portMappings: true }, snat: true, backend: 'nftables' },
      ],
    },
    null,
    2,
  );
}
