import type { MemberCommand } from '#contract/agent-command.ts';
import { othersThan } from '../../partition/partition-spec.ts';
import { migrateSchema } from '../migrate-schema.ts';
import { agentOf } from '../rejoin/agent-of.ts';
import {
  candidateOf,
  done,
  retry,
  type Step,
  setForCommand,
  setOf,
  tell,
  unlessFailed,
  upstreamOf,
} from './step-context.ts';
import { follow } from './step-follow.ts';

/** The first server of a new repository; of servers that exist, the primary. */
export const initialize: Step = async (operation, context) => {
  const member = candidateOf(operation);
  const command = { kind: 'initialize' } as const;
  const outcome = await tell(context, operation, { member, command, deadlineMs: context.tuning.initializeMs });
  return unlessFailed(member, outcome, () => done);
};

/**
 * The others as copies of it. Log is kept for them from before the copy begins, so that they find what came after; the
 * synchronous set is put in place last, for until then nobody could fulfil it.
 */
export const clone: Step = async (operation, context) => {
  if (context.spec.control === 'sql') return await attachExisting(operation, context);
  const first = candidateOf(operation);
  const { tuning, spec } = context;
  const others = othersThan(spec, first).map((member) => member.name);
  const keep: MemberCommand = { kind: 'keepFor', members: others, retainBytes: spec.retainedLogBytes };
  const kept = await tell(context, operation, { member: first, command: keep, deadlineMs: tuning.slowCommandMs });
  if (!kept.ok) return retry(`${first}: ${kept.message}`);
  const command = { kind: 'clone', from: upstreamOf(spec, first), ...agentOf(spec, first), wipe: false } as const;
  const copies = await Promise.all(
    others.map((member) => tell(context, operation, { member, command, deadlineMs: tuning.copyCommandMs })),
  );
  const failed = copies.find((copy) => !copy.ok);
  if (failed !== undefined && !failed.ok) return retry(`copying ${first}: ${failed.code}: ${failed.message}`);
  const set = { kind: 'setSynchronous', synchronous: setForCommand(setOf(operation)) } as const;
  const outcome = await tell(context, operation, { member: first, command: set, deadlineMs: tuning.slowCommandMs });
  return unlessFailed(first, outcome, () => done);
};

/**
 * Servers that exist are replicas already: they are told to follow the primary under their names, which the synchronous set
 * goes by. Who cannot is on its way back from the start, and does not hold up the others.
 */
const attachExisting: Step = async (operation, context) => {
  const first = candidateOf(operation);
  const attached = await follow(operation, context);
  if (attached.kind !== 'done') return attached;
  const set = { kind: 'setSynchronous', synchronous: setForCommand(setOf(operation)) } as const;
  const deadlineMs = context.tuning.slowCommandMs;
  const outcome = await tell(context, operation, { member: first, command: set, deadlineMs });
  return unlessFailed(first, outcome, () => attached);
};

/** The mail schema, made by the program that knows it. It needs the grant: the mail role itself owns the schema. */
export const migrate: Step = async (operation, context) => {
  const member = candidateOf(operation);
  const granted = await tell(context, operation, {
    member,
    command: { kind: 'grant' },
    deadlineMs: context.tuning.slowCommandMs,
  });
  if (!granted.ok) return retry(`${member}: ${granted.message}`);
  const migrated = await migrateSchema({ member, epoch: operation.epoch }, context);
  return migrated.ok ? { kind: 'done', record: { schema: migrated.schema } } : retry(`migrate: ${migrated.why}`);
};
