import { Command } from 'commander';
import { type Context, withConnection } from '../context.ts';

/** `imapctl switchover`: a planned change of primary. */
export function switchoverCommand(context: Context): Command {
  return new Command('switchover')
    .description('make another member the primary; nothing is lost and no session ends')
    .argument('<partition>', 'name of the MailboxPartition')
    .option('--to <member>', 'the new primary (default: the replica that is furthest)')
    .action(async (partition: string, { to }: { readonly to?: string }) => {
      const { primary, epoch } = await withConnection(context, (connection) =>
        connection.switchover(partition, to ?? null),
      );
      process.stdout.write(`${partition}: ${primary} is the primary since epoch ${epoch}\n`);
    });
}
