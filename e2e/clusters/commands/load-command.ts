import { resolve } from 'node:path';
import { clusterFolder } from '../local/cluster-folder.ts';
import { SupervisorClient } from '../local/control/supervisor-client.ts';

/** `npm run cluster -- load image.tar`: makes an image known to every node of a local cluster. */
export async function loadCommand(archive: string, state: string): Promise<void> {
  const cluster = await new SupervisorClient(clusterFolder(state).socket).connect();
  await cluster.loadImage(resolve(archive));
  process.stdout.write(`${archive} is on ${cluster.nodes.length} nodes\n`);
}
