import { type AuditEvent, decisionOf } from '../clusters/local/control-plane/audit-log.ts';
import { type Right, rightText } from './right.ts';

/** How what somebody did compares with what somebody may do; rights by their text, each once. */
export type RightsVerdict = {
  /** Requests for objects that were let through. */
  readonly allowed: number;
  /** Refused, though not by chance: a right that is missing. */
  readonly refused: readonly string[];
  /** Let through, but by none of these rights: somebody else grants it. */
  readonly stray: readonly string[];
  /** Rights that nothing has needed. */
  readonly unused: readonly string[];
};

const CREATED = 201;

/**
 * Holds the requests of one user, as an API server has written them down, against the rights that this user is meant to have. Pure.
 *
 * What is refused once and let through at another time is no missing right: an API server that has just started forbids for a moment
 * what it has not read the roles of yet, and in a namespace that is being deleted roles may go before who needs them.
 */
export function judgeRights(events: readonly AuditEvent[], rights: readonly Right[]): RightsVerdict {
  const needed = (decision: string) => events.filter((event) => decisionOf(event) === decision).flatMap(neededBy);
  const rightFor = (need: Right): Right | undefined => rights.find((right) => covers(right, need));
  const allowed = needed('allow');
  const used = new Set(allowed.map(rightFor));
  const missing = (need: Right): boolean => {
    const right = rightFor(need);
    return right === undefined || !used.has(right);
  };
  return {
    allowed: allowed.length,
    refused: distinct(needed('forbid').filter(missing)),
    stray: distinct(allowed.filter((need) => rightFor(need) === undefined)),
    unused: distinct(rights.filter((right) => !used.has(right))),
  };
}

/** None where it was not for an object, such as a look at which kinds there are; two where server-side apply made the object. */
function neededBy({ verb, objectRef = {}, responseStatus }: AuditEvent): readonly Right[] {
  const { apiGroup: group = '', resource, subresource, name } = objectRef;
  if (resource === undefined) return [];
  const whole = subresource === undefined ? resource : `${resource}/${subresource}`;
  const made = verb === 'patch' && responseStatus?.code === CREATED;
  return (made ? [verb, 'create'] : [verb]).map((needed) => ({
    ...{ verb: needed, group, resource: whole },
    ...(name === undefined ? {} : { name }),
  }));
}

const covers = (right: Right, need: Right): boolean =>
  right.verb === need.verb &&
  right.group === need.group &&
  right.resource === need.resource &&
  (right.name === undefined || right.name === need.name);

const distinct = (rights: readonly Right[]): readonly string[] => [...new Set(rights.map(rightText))];
