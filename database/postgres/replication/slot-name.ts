const PREFIX = 'member_';
const MAX_LENGTH = 63;

/** Name of the physical replication slot kept for a member. Labels hold no underscore, so no two members share one. */
export function slotName(member: string): string {
  if (!/^[a-z0-9-]+$/.test(member)) throw new RangeError(`not a member's name: ${JSON.stringify(member)}`);
  const name = `${PREFIX}${member.replaceAll('-', '_')}`;
  if (name.length > MAX_LENGTH)
    throw new RangeError(`a member's name has at most ${MAX_LENGTH - PREFIX.length} characters: ${member}`);
  return name;
}

/** Whether a slot is one of ours; others are left alone. */
export const isMemberSlot = (name: string): boolean => name.startsWith(PREFIX);
