import { Command } from 'commander';
import { type Context, withConnection } from '../context.ts';

type Options = { readonly acceptDataLoss?: boolean; readonly reason: string };

/** `imapctl failover`: a person decides what the operator must not. */
export function failoverCommand(context: Context): Command {
  return new Command('failover')
    .description('promote a replica now, without waiting for proof that the primary is dead')
    .argument('<partition>', 'name of the MailboxPartition')
    .option('--accept-data-loss', 'even where changes that were acknowledged may be lost; recorded in the status')
    .option('--reason <text>', 'why; recorded in the status', 'asked for by imapctl')
    .action(async (partition: string, { acceptDataLoss = false, reason }: Options) => {
      const { primary, epoch } = await withConnection(context, (connection) =>
        connection.failover(partition, { acceptDataLoss, reason }),
      );
      process.stdout.write(`${partition}: ${primary} is the primary since epoch ${epoch}\n`);
    });
}
