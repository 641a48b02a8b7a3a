import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { itemOf } from '#cli/import/mbox-source.ts';
import { MboxSplitter } from '#cli/import/mbox-splitter.ts';
import type { Mail } from './generator.ts';
import { mailOfItem } from './mail-of-item.ts';

const MAX_OUTPUT = 64 * 1024 * 1024;

/**
 * This project's own history as mail: `git format-patch --stdout` is an mbox. Empty where there is no git, no history or
 * a shallow clone without parents; the generator takes its place then.
 */
export async function projectHistoryAsMail(directory: string, limit: number): Promise<readonly Mail[]> {
  const args = ['format-patch', '--stdout', '--root', '--always', `-${limit}`, 'HEAD'];
  try {
    const { stdout } = await promisify(execFile)('git', args, {
      cwd: directory,
      encoding: 'buffer',
      maxBuffer: MAX_OUTPUT,
    });
    return unique(messagesOf(stdout));
  } catch (cause) {
    // No git, no repository, or somebody else's: all mean "no history to show".
    if (cause instanceof Error) return [];
    throw cause;
  }
}

function messagesOf(mbox: Buffer): readonly Mail[] {
  const splitter = new MboxSplitter(mbox.length);
  const entries = [...splitter.push(mbox), ...splitter.end()];
  return entries.map((entry) => mailOfItem(itemOf(entry, 'git', 'INBOX'))).filter((mail) => mail !== null);
}

function unique(mail: readonly Mail[]): readonly Mail[] {
  return [...new Map(mail.map((m) => [m.hash, m])).values()];
}
