import { derivedSeed } from './derived-seed.ts';
import { createMailGenerator, type Mail } from './generator.ts';
import { projectHistoryAsMail } from './history-of-this-project.ts';
import { type OwnMail, readOwnMail } from './own-mail.ts';

export type MailSource = {
  /** Where the mail comes from, for people. */
  readonly origin: string;
  /** What the mailboxes hold at the beginning. */
  readonly initial: readonly Mail[];
  /** New mail of one session, by its name; each message unique, the same ones in every run of a seed. */
  readonly mailOf: (name: string) => () => Mail;
};

export type MailSourceOptions = {
  readonly mbox?: string | undefined;
  readonly seed: number;
  readonly signal: AbortSignal;
};

const MIB = 1024 * 1024;
/** Of one's own mail: as many as are delivered and read in some seconds. */
const BOUNDS = { messages: 200, bytes: 32 * MIB, read: 512 * MIB };
const GENERATED = 120;
const FEW = 10;

/**
 * One's own mbox, else this project's history as patches; generated mail beside them where there is not enough.
 * @throws Error, in one line, where the mbox cannot be read or has no message
 */
export async function openMailSource({ mbox, seed, signal }: MailSourceOptions): Promise<MailSource> {
  const mailOf = (name: string): (() => Mail) => createMailGenerator(derivedSeed(seed, name));
  const generate = createMailGenerator(seed);
  const generated = (count: number): readonly Mail[] => Array.from({ length: count }, () => generate());
  if (mbox !== undefined) {
    const own = await readOwnMail(mbox, BOUNDS, signal);
    if (own.mail.length === 0) throw new Error(`${mbox}: no message found; ${WHAT_AN_MBOX_IS}`);
    const more = generated(Math.max(0, GENERATED - own.mail.length));
    return { origin: `${origin(mbox, own)}${beside(more)}`, initial: [...own.mail, ...more], mailOf };
  }
  const patches = await projectHistoryAsMail(import.meta.dirname, BOUNDS.messages - GENERATED);
  const shown = patches.length < FEW ? [] : patches;
  const more = generated(GENERATED);
  const history = shown.length === 0 ? '' : `${shown.length} patches of this repository's history and `;
  return { origin: `${history}${more.length} generated messages`, initial: [...shown, ...more], mailOf };
}

const WHAT_AN_MBOX_IS = 'one begins at the start of the file or after an empty line with "From SENDER DATE"';

function origin(file: string, { mail, found, broken, readWhole }: OwnMail): string {
  const of = readWhole ? `${found}` : `more than ${found}`;
  const passed = broken === 0 ? '' : ` (${broken} ${broken === 1 ? 'entry is' : 'entries are'} no message)`;
  return `${mail.length} of ${of} messages of ${file}${passed}`;
}

const beside = (more: readonly Mail[]): string => (more.length === 0 ? '' : ` and ${more.length} generated ones`);
