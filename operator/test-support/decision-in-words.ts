import type { Decision } from '../failover/decide.ts';

/** For tables of cases: `begin` names the kind of change, `upkeep` the actions. */
export function decisionInWords(decision: Decision): string {
  switch (decision.kind) {
    case 'begin':
      return `begin ${decision.operation.kind} at ${decision.operation.epoch}`;
    case 'prepare':
      return `prepare ${decision.from} and ${decision.to} within ${decision.withinMs}`;
    case 'blocked':
    case 'refuse':
      return `${decision.kind} ${decision.code}`;
    case 'upkeep': {
      const actions = decision.actions.map((action) =>
        action.kind === 'command' ? `${action.command.kind} ${action.member}` : action.kind,
      );
      return `${actions.join(', ')}${decision.code === null ? '' : ` (${decision.code})`}`;
    }
    default:
      return decision.kind;
  }
}
