import { readFile } from 'node:fs/promises';
import { createMailGenerator, type Mail } from './generator.ts';
import { projectHistoryAsMail } from './history-of-this-project.ts';
import { readMbox } from './mbox.ts';

export type MailSource = {
  /** Where the mail comes from, for people. */
  readonly origin: string;
  /** What the mailboxes hold at the beginning. */
  readonly initial: readonly Mail[];
  /** New mail, each message unique. */
  readonly next: () => Mail;
};

const MOST = 200;
const GENERATED = 120;
const FEW = 10;

/** One's own mbox, else this project's history as patches, always with generated mail beside it. */
export async function openMailSource(options: {
  readonly mbox?: string | undefined;
  readonly seed: number;
}): Promise<MailSource> {
  const next = createMailGenerator(options.seed);
  const generated = Array.from({ length: GENERATED }, () => next());
  if (options.mbox !== undefined) {
    const mail = readMbox(await readFile(options.mbox));
    if (mail.length === 0)
      throw new Error(`${options.mbox}: no message found; an mbox has lines that begin with "From "`);
    return { origin: `${mail.length} messages of ${options.mbox}`, initial: mail.slice(0, MOST), next };
  }
  const patches = await projectHistoryAsMail(import.meta.dirname, MOST - GENERATED);
  const own = patches.length < FEW ? '' : `${patches.length} patches of this repository's history and `;
  return {
    origin: `${own}${GENERATED} generated messages`,
    initial: [...(own === '' ? [] : patches), ...generated],
    next,
  };
}
