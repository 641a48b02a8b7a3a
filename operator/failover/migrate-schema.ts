import type { MemberName } from '#contract/names.ts';
import type { TaskEnd } from '../partition/background.ts';
import { memberSpec } from '../partition/partition-spec.ts';
import type { SchemaState } from '../partition/schema.ts';
import type { RejoinContext } from './rejoin/rejoin-context.ts';

export type Migrated =
  | { readonly ok: true; readonly schema: SchemaState; readonly result: unknown }
  | { readonly ok: false; readonly why: string };

type MigrationContext = Pick<RejoinContext, 'spec' | 'ports' | 'tuning' | 'signal'>;

/**
 * Brings the mail schema of a granted primary up to date, by the program that knows it. May be killed anywhere and run
 * again: each migration is one transaction. The barrier after it makes sure that a promotion cannot undo it, where
 * commits wait for replicas at all, and tells how far a replica must be to have it.
 */
export async function migrateSchema(
  { member, epoch }: { member: MemberName; epoch: number },
  { spec, ports, tuning, signal }: MigrationContext,
): Promise<Migrated> {
  const writer = { member, endpoint: memberSpec(spec, member).endpoint };
  const { name: partition, database } = spec;
  const job = await ports.jobs.run({ kind: 'migrate', partition, database, epoch, writer }, signal);
  if (!job.ok) return { ok: false, why: job.message };
  const command = { kind: 'stamp', epoch, uidGap: 0 } as const;
  const deadlineMs = tuning.slowCommandMs;
  const barrier = await ports.members.send({ partition, member, epoch, command, deadlineMs, signal });
  if (!barrier.ok) return { ok: false, why: `the barrier after it: ${barrier.code}: ${barrier.message}` };
  const { received, timeline } = barrier.result;
  const mark = received === undefined || timeline === undefined ? null : { received, timeline };
  const schema = { version: spec.schema, mark, since: ports.clock.now(), problem: null };
  return { ok: true, schema, result: job.result };
}

/** The same for a partition that serves already, in the background: an imapd that expects more has come. */
export async function migrateServed(member: MemberName, context: RejoinContext): Promise<TaskEnd> {
  const { spec, ports, record, change, signal } = context;
  const { epoch } = record();
  const migrated = await migrateSchema({ member, epoch }, context);
  if (signal.aborted) return 'again';
  if (!migrated.ok) {
    const { why } = migrated;
    if (record().schema.problem === why) return 'again';
    await change((current) => ({ schema: { ...current.schema, problem: why } }));
    ports.events.emit({ code: 'MigrationFailed', partition: spec.name, message: why, fields: { member } });
    return 'again';
  }
  // Another primary since: it is another database that was migrated. Readers come back as they have applied it.
  await change((current) => (current.epoch === epoch ? { schema: migrated.schema, ...withoutReaders(current) } : {}));
  if (record().schema.version !== spec.schema) return 'again';
  const fields = { member, version: spec.schema, result: migrated.result };
  ports.events.emit({ code: 'SchemaMigrated', partition: spec.name, fields });
  return 'done';
}

const withoutReaders = ({ target }: ReturnType<RejoinContext['record']>) =>
  target === null ? {} : { target: { ...target, readers: [] } };
