import type { Rejoining } from '../../partition/record.ts';

/** Of the agent, not of the server that is copied: the system's own words, which PostgreSQL does not use. */
const OWN_DISK = 'ENOSPC';

/**
 * Whether a copy may be of a replica at this try, by how the last one ended: where a replica was asked in vain the primary is, and
 * the other way round. Without room of its own a member gets no further wherever the copy comes from, so nothing changes; where the
 * server that was copied says that it has no room, the primary is asked from then on.
 */
export function mayHaveDonor({ problem, donor, takesNoDonor }: Rejoining): boolean {
  if (takesNoDonor === true) return false;
  if (problem === null) return true;
  return problem.startsWith('DiskFull: ') ? isOwnDisk(problem) : donor === undefined;
}

export const isOwnDisk = (message: string): boolean => message.includes(OWN_DISK);
