import { Command } from 'commander';
import { type Context, withConnection } from '../context.ts';
import { writeExport } from './write-export.ts';

type Options = { readonly user: string; readonly mailbox: string; readonly mbox: string };

/** `imapctl export`: a mailbox as an mbox file. */
export function exportCommand(context: Context): Command {
  return new Command('export')
    .description('write a mailbox to an mbox file')
    .requiredOption('--user <name>', 'whose mailbox')
    .option('--mailbox <name>', 'which one', 'INBOX')
    .requiredOption('--mbox <file>', 'file to write, - for standard output')
    .action(async ({ user, mailbox, mbox }: Options) => {
      const stop = new AbortController();
      process.once('SIGINT', () => stop.abort());
      await withConnection(context, async (connection) => {
        const mail = await connection.exportMailbox(user, mailbox, stop.signal);
        await writeExport(mail, mbox, stop.signal);
      });
    });
}
