import { runCommand } from '../process/run-command.ts';
import { layout, type NodePlan } from './layout.ts';

const ip = async (...words: readonly string[]): Promise<void> => {
  await runCommand(['ip', ...words]);
};

/** The switch between the control plane and the nodes, in a network namespace that is ours alone. */
export async function createNetwork(): Promise<void> {
  await ip('link', 'set', 'lo', 'up');
  await ip('link', 'add', layout.bridge, 'type', 'bridge');
  await ip('addr', 'add', `${layout.controlPlane}/${layout.nodePrefix}`, 'dev', layout.bridge);
  await ip('link', 'set', layout.bridge, 'up');
  // The way out is chosen before kube-proxy puts a pod's address in place of a service's: there has to be one.
  await ip('route', 'add', layout.services, 'dev', layout.bridge);
  // A pod's address that no node has is refused at once.
  await ip('route', 'add', 'unreachable', layout.pods, 'metric', '4000');
}

/** Plugs a node in: its eth0 and the port of the bridge that it leads to. */
export async function plugIn({ port, pods, address }: NodePlan, nodePid: number): Promise<void> {
  await ip('link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', `${nodePid}`);
  await ip('link', 'set', port, 'master', layout.bridge, 'up');
  await ip('route', 'replace', pods, 'via', address);
}

/** Takes both ends of the cable away: for good, where a machine loses power. */
export async function unplug({ port }: NodePlan): Promise<void> {
  const ports = await runCommand(['ip', '-brief', 'link', 'show', 'type', 'veth']);
  if (ports.split('\n').some((line) => line.startsWith(`${port}@`))) await ip('link', 'delete', port).catch(ifThere);
}

/** The kernel was quicker. */
function ifThere(error: Error): void {
  if (!error.message.includes('Cannot find device')) throw error;
}

/** Pulls the cable, or puts it back: nobody is told, packets are lost. */
export async function setLink({ port }: NodePlan, state: 'up' | 'down'): Promise<void> {
  await ip('link', 'set', port, state);
}
