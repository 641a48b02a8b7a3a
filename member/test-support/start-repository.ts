import { type RunningMember, type RunningMembers, type StartMembersOptions, startMembers } from './start-members.ts';

export type StartRepositoryOptions = StartMembersOptions & { readonly durability: 'Quorum' | 'Async' };

export type RunningRepository = RunningMembers & {
  readonly durability: 'Quorum' | 'Async';
  /** The member that holds the grant of epoch 1. */
  readonly primary: RunningMember;
  readonly replicas: readonly RunningMember[];
  /** The epoch that is stamped and granted. */
  readonly epoch: number;
};

const RETAIN_BYTES = 256 * 1024 * 1024;

/**
 * A repository as the operator would make it: the first member initialised, the others cloned from it, each keeping log
 * for all others; for Quorum one replica must acknowledge. Stamped and granted at epoch 1.
 */
export async function startRepository(options: StartRepositoryOptions): Promise<RunningRepository> {
  const running = await startMembers(options);
  try {
    const [primary, ...replicas] = running.members;
    if (primary === undefined) throw new Error('a repository has one member at least');
    const epoch = 1;
    await primary.client.order(epoch, { kind: 'initialize' });
    const from = { member: primary.name, endpoint: primary.endpoint };
    await Promise.all(replicas.map((replica) => replica.client.order(epoch, { kind: 'clone', from, wipe: false })));
    await Promise.all(running.members.map((member) => introduce(running, member, epoch)));
    const names = replicas.map((replica) => replica.name);
    const required = options.durability === 'Quorum' && names.length > 0 ? 1 : 0;
    const synchronous = { required, members: required === 0 ? [] : names };
    await primary.client.order(epoch, { kind: 'setSynchronous', synchronous });
    await primary.client.order(epoch, { kind: 'stamp', epoch, uidGap: 0 });
    await primary.client.order(epoch, { kind: 'grant' });
    return { ...running, durability: options.durability, primary, replicas, epoch };
  } catch (error) {
    await running.stop();
    throw error;
  }
}

/** Tells a member of the others. */
async function introduce(running: RunningMembers, member: RunningMember, epoch: number): Promise<void> {
  const others = running.members.filter((other) => other.name !== member.name);
  const peers = others.map((other) => ({ member: other.name, url: other.agentUrl }));
  await member.client.order(epoch, { kind: 'setPeers', peers });
  await member.client.order(epoch, {
    kind: 'keepFor',
    members: others.map((other) => other.name),
    retainBytes: RETAIN_BYTES,
  });
}
