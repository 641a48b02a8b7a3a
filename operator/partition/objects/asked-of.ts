import { hashOf } from '../../objects/hash-of.ts';
import { RESTART_ANNOTATION } from '../../objects/labels.ts';
import { resourceAmounts } from '../../objects/resource-amounts.ts';
import { type MemberInput, managedOf } from './member-input.ts';

/**
 * Hash of what people ask of running members, by the fields of the MailboxPartition alone: where it changes, they are replaced
 * one by one. Neither how this version of the operator makes pods nor its images are in it, so that an upgrade replaces nobody
 * (ADR 17); nor is the image of the database, which is held against the one that runs. To add a field here, or to name one
 * otherwise, replaces all members of everybody: `asked-of.test.ts` knows the value.
 */
export function askedOf({ partition }: Pick<MemberInput, 'partition'>): string {
  const { metadata, spec } = partition;
  const { instances, parameters, resources } = managedOf(partition);
  return hashOf({
    parameters,
    resources: resourceAmounts(resources),
    probeInterval: spec.failover.probeInterval,
    // A member without peers is never cut off from them, and hands over to nobody.
    alone: instances === 1,
    restart: metadata.annotations?.[RESTART_ANNOTATION],
  });
}
