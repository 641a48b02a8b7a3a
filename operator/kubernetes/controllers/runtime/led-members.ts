import type { MemberControl, MemberOutcome } from '../../../ports.ts';
import type { RightToWrite } from '../../api/api-client.ts';
import { isHeld } from './is-held.ts';

const NOT_LEADING: MemberOutcome = {
  ok: false,
  failure: 'unreachable',
  code: 'NotLeading',
  message: 'this operator does not lead any more',
};

/**
 * Commands to the agents of members, for as long as this operator leads: one that was frozen must not go on where it was,
 * and what is under way is given up. (An agent would refuse an old epoch; not every command has a new one.)
 */
export const ledMembers = (members: MemberControl, right: RightToWrite): MemberControl => ({
  observe: (partition) => members.observe(partition),
  onChange: (listener) => members.onChange(listener),
  async send(request) {
    if (!isHeld(right)) return NOT_LEADING;
    const signals = [request.signal, right.signal].filter((signal) => signal !== undefined);
    return await members.send({ ...request, signal: AbortSignal.any(signals) });
  },
});
