import { ResponseWriter } from '../../protocol/response-writer.ts';
import { type OwnLimit, type OwnLimits, RESOURCES, type Resource } from '../../store/quota.ts';
import { type CommandHandler, SIGNED_IN } from '../command-handler.ts';
import { no, ok } from '../completion.ts';
import { STORAGE_UNIT, writeQuota } from './quota-line.ts';
import { type Administration, isAdmin, noSuchRoot, notPermitted, quotaRoot } from './quota-root.ts';

/** RFC 9208, 4.1.3, for administrators. A resource that is not named has the limit of the cluster again. */
export const setQuota = (administration: Administration): CommandHandler<'SETQUOTA'> => ({
  name: 'SETQUOTA',
  states: SIGNED_IN,
  capability: 'QUOTASET',
  async run({ root, limits: wanted }, context) {
    const { session, attempt, newOperation, output, log } = context;
    if (!(await isAdmin(context, administration.admins))) return notPermitted;
    const limits = ownLimits(wanted);
    if (limits === null) return no(`Resources here are ${RESOURCES.join(', ')}`, 'CANNOT');
    const found = await quotaRoot(root, context, administration);
    if (found.kind === 'refused') return found.completion;
    const { owner, store } = found;
    const outcome = await store.changeAccount({ operation: newOperation(), name: owner, limits }, attempt);
    const quota = outcome.kind === 'missing' ? null : await store.findQuota(owner, attempt);
    if (quota === null) return noSuchRoot;
    log.debug({ admin: session.user.name, user: owner, limits }, 'limits set');
    const writer = new ResponseWriter();
    writeQuota(writer, owner, quota);
    await output.write(writer.take());
    return ok('SETQUOTA completed');
  },
});

/** null: something is named that is not counted here. */
function ownLimits(wanted: readonly (readonly [string, number])[]): OwnLimits | null {
  const limits: Record<Resource, OwnLimit> = { STORAGE: 'default', MESSAGE: 'default', MAILBOX: 'default' };
  for (const [name, limit] of wanted) {
    const resource = RESOURCES.find((each) => each === name);
    if (resource === undefined) return null;
    limits[resource] = resource === 'STORAGE' ? Math.min(limit * STORAGE_UNIT, Number.MAX_SAFE_INTEGER) : limit;
  }
  return limits;
}
