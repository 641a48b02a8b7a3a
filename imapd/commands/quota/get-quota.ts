import { ResponseWriter } from '../../protocol/response-writer.ts';
import { type CommandHandler, SIGNED_IN } from '../command-handler.ts';
import { ok } from '../completion.ts';
import { writeQuota } from './quota-line.ts';
import { type Administration, noSuchRoot, quotaRoot } from './quota-root.ts';

/** RFC 9208, 4.1.1. */
export const getQuota = (administration: Administration): CommandHandler<'GETQUOTA'> => ({
  name: 'GETQUOTA',
  states: SIGNED_IN,
  capability: 'QUOTA',
  async run({ root }, context) {
    const found = await quotaRoot(root, context, administration);
    if (found.kind === 'refused') return found.completion;
    const quota = await found.store.findQuota(found.owner, context.attempt);
    if (quota === null) return noSuchRoot;
    const writer = new ResponseWriter();
    writeQuota(writer, found.owner, quota);
    await context.output.write(writer.take());
    return ok('GETQUOTA completed');
  },
});
