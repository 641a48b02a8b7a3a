import type { MemberCommand } from '#contract/agent-command.ts';
import { memberSpec, othersThan } from '../partition/partition-spec.ts';
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

/** The first server of a new repository. */
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
  const first = candidateOf(operation);
  const { tuning, spec } = context;
  const others = othersThan(spec, first).map((member) => member.name);
  const keep: MemberCommand = { kind: 'keepFor', members: others, retainBytes: tuning.retainBytes };
  const kept = await tell(context, operation, { member: first, command: keep, deadlineMs: tuning.slowCommandMs });
  if (!kept.ok) return retry(`${first}: ${kept.message}`);
  const command = { kind: 'clone', from: upstreamOf(spec, first), wipe: false } as const;
  const copies = await Promise.all(
    others.map((member) => tell(context, operation, { member, command, deadlineMs: tuning.copyCommandMs })),
  );
  const failed = copies.find((copy) => !copy.ok);
  if (failed !== undefined && !failed.ok) return retry(`copying ${first}: ${failed.code}: ${failed.message}`);
  const set = { kind: 'setSynchronous', synchronous: setForCommand(setOf(operation)) } as const;
  const outcome = await tell(context, operation, { member: first, command: set, deadlineMs: tuning.slowCommandMs });
  return unlessFailed(first, outcome, () => done);
};

/** The mail schema, made by the program that knows it. It needs the grant: the mail role itself owns the schema. */
export const migrate: Step = async (operation, context) => {
  const member = candidateOf(operation);
  const { spec, ports, tuning, signal } = context;
  const granted = await tell(context, operation, {
    member,
    command: { kind: 'grant' },
    deadlineMs: tuning.slowCommandMs,
  });
  if (!granted.ok) return retry(`${member}: ${granted.message}`);
  const writer = { member, endpoint: memberSpec(spec, member).endpoint };
  const { name: partition, database } = spec;
  const job = await ports.jobs.run({ kind: 'migrate', partition, database, epoch: operation.epoch, writer }, signal);
  return job.ok ? done : retry(`migrate: ${job.message}`);
};
