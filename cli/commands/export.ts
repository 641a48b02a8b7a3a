import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { Command } from 'commander';
import { CliError, EXIT } from '../cli-error.ts';
import { type Context, withConnection } from '../context.ts';

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
        try {
          if (mbox === '-') await pipeline(mail, process.stdout, { end: false });
          else await pipeline(mail, createWriteStream(mbox, { mode: 0o600 }));
        } catch (cause) {
          throw unwritten(cause, mbox);
        }
      });
    });
}

/** Why the file is not whole, for a person: it was interrupted, or cannot be written. Anything else is given back. */
function unwritten(cause: unknown, mbox: string): unknown {
  const { name, code, message } = cause as NodeJS.ErrnoException;
  if (name === 'AbortError')
    return new CliError('interrupted: what was written is not whole', EXIT.interrupted, { cause });
  // `export … | head`: whoever reads has had enough, and is not to be bothered with a stack.
  if (code === 'EPIPE') return new CliError('standard output was closed: not everything was written');
  if (code === undefined) return cause;
  return new CliError(`${mbox}: cannot be written: ${message}`, EXIT.failed, { cause });
}
