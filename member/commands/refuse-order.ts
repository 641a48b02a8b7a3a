import type { CommandFailure, SignedCommand } from '#contract/agent-command.ts';
import type { Identity } from '../member.ts';

export type Refusal = CommandFailure & { readonly status: 400 | 409 | 410 };

/** Why a command whose signature holds is not obeyed; null = it is. `nowMs` since 1970. */
export function refuseOrder(
  order: SignedCommand,
  own: Identity,
  facts: { readonly highestEpoch: number; readonly nowMs: number },
): Refusal | null {
  const addressed = (['cluster', 'partition', 'member'] as const).find((field) => order[field] !== own[field]);
  if (addressed !== undefined) {
    return { status: 400, code: 'WrongMember', message: `meant for ${addressed} ${order[addressed]}` };
  }
  if (facts.nowMs >= order.expiresAt) {
    return {
      status: 410,
      code: 'Expired',
      message: `expired ${facts.nowMs - order.expiresAt} ms ago, by the clock here`,
    };
  }
  if (order.epoch < facts.highestEpoch) {
    const message = `epoch ${order.epoch} is over: epoch ${facts.highestEpoch} has been obeyed`;
    return { status: 409, code: 'StaleEpoch', message };
  }
  return null;
}
