import { Command, InvalidArgumentError } from 'commander';
import { CliError, EXIT } from '../cli-error.ts';
import { type Context, withConnection } from '../context.ts';
import { emlSource } from '../import/eml-source.ts';
import { maildirSource } from '../import/maildir-source.ts';
import { mboxSource } from '../import/mbox-source.ts';
import { type ImportCounts, runImport } from '../import/run-import.ts';
import type { MessageSource } from '../import/source-message.ts';
import { ProgressReporter } from '../terminal/progress-reporter.ts';

type Options = {
  readonly user: string;
  readonly mailbox?: string;
  readonly mbox?: string;
  readonly maildir?: string;
  readonly eml?: readonly string[];
  readonly parallel: number;
};

const MOST_FAILURES_SHOWN = 20;

/** `imapctl import`: mail from files. */
export function importCommand(context: Context): Command {
  return new Command('import')
    .description('bring mail in from files; interrupted or repeated, it stores nothing twice')
    .requiredOption('--user <name>', 'whose mail it becomes')
    .option('--mailbox <name>', 'where it goes; made if missing (default: INBOX, and with --maildir its folders)')
    .option('--mbox <file>', 'an mbox file')
    .option('--maildir <folder>', 'a Maildir, flags included')
    .option('--eml <file...>', 'single messages')
    .option('--parallel <n>', 'messages under way at a time; 1 keeps their order exactly', positive, 8)
    .action(async (options: Options) => {
      const source = await sourceOf(options);
      const stop = new AbortController();
      const interrupt = (): void => stop.abort();
      process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
      const progress = new ProgressReporter(source.totalBytes, process.stderr);
      const { user, parallel } = options;
      const counts = await withConnection(context, (connection) =>
        runImport({
          connection,
          source,
          user,
          parallel,
          signal: stop.signal,
          onProgress: (now) => progress.update(now),
        }),
      ).finally(() => progress.clear());
      report(counts, progress.seconds);
      if (stop.signal.aborted) throw new CliError('interrupted; run it again to go on', EXIT.interrupted);
      if (counts.failures.length > 0) process.exitCode = EXIT.partly;
    });
}

async function sourceOf({ mbox, maildir, eml, mailbox }: Options): Promise<MessageSource> {
  const given = [mbox, maildir, eml].filter((value) => value !== undefined).length;
  if (given !== 1) throw new CliError('give exactly one of --mbox, --maildir and --eml', EXIT.usage);
  try {
    if (mbox !== undefined) return await mboxSource(mbox, mailbox ?? 'INBOX');
    if (maildir !== undefined) return await maildirSource(maildir, mailbox ?? null);
    return await emlSource(eml ?? [], mailbox ?? 'INBOX');
  } catch (error) {
    const { syscall, code, path, message } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    const text = code === 'ENOENT' ? `there is no ${path}` : message;
    throw new CliError(text, EXIT.failed, { cause: error });
  }
}

function report({ stored, repeated, failures }: ImportCounts, seconds: number): void {
  const rate = seconds > 0 ? Math.round((stored + repeated) / seconds) : 0;
  const before = repeated === 0 ? '' : `, ${repeated} were imported before`;
  process.stdout.write(`imported ${stored} messages in ${seconds.toFixed(1)} s (${rate}/s)${before}\n`);
  for (const { place, reason } of failures.slice(0, MOST_FAILURES_SHOWN)) {
    process.stderr.write(`passed over: ${place}: ${reason}\n`);
  }
  if (failures.length > MOST_FAILURES_SHOWN) {
    process.stderr.write(`… and ${failures.length - MOST_FAILURES_SHOWN} more\n`);
  }
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 32) throw new InvalidArgumentError('A number from 1 to 32.');
  return value;
}
