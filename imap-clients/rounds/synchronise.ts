import { pause } from '#runtime/deadline.ts';
import { mustHaveEndedWell, type Synchronisation } from '../mail-client.ts';
import { asLines, type Contents, type Digest, type MailStore, withFlags } from '../stores/mail-store.ts';
import type { RunningProgram } from '../support/run-program.ts';
import { after, make, someChanges } from './changes.ts';
import { generatedMail } from './generated-mail.ts';
import { MANY } from './many.ts';
import { mustHold } from './must-hold.ts';

const FEW = 25;
const PATIENCE_MS = 120_000;
const LOOK_MS = 30;

export type Round = {
  readonly name: string;
  readonly server: MailStore;
  readonly synchronisation: Synchronisation;
  readonly digest: Digest;
  readonly seed: number;
};

/** Where the mail of the other side lies at first. */
const THEIRS = 'Lists';

/** Both sides have mail of their own at first; the first run is killed in the middle of it. */
export async function synchroniseFirst(round: Round): Promise<Contents> {
  const expected = await fillBoth(round, MANY);
  const first = round.synchronisation.start();
  await inTheMiddle(round, first, MANY);
  first.kill();
  await first.ended;
  await synchronise(round);
  const both = await mustBeSame(round);
  const once = round.synchronisation.repeats ? withoutRepeats(both) : both;
  mustHold(`after the first run of ${round.name}`, asLines(once), asLines(comparable(round, expected)));
  return both;
}

/** Each side has so many messages that the other one has not. */
export async function fillBoth({ server, synchronisation, seed }: Round, many: number): Promise<Contents> {
  const newMail = generatedMail(seed);
  await server.add('INBOX', newMail(many));
  await synchronisation.other.add(THEIRS, newMail(many));
  const sides = [await server.read(), await synchronisation.other.read()];
  // An account has an INBOX from the start, empty.
  return new Map(sides.flatMap((side) => [...side].filter(([, messages]) => messages.length > 0)));
}

/**
 * Waits until some of it, not all, has come to the other side.
 * @throws Error where the run has ended before
 */
export async function inTheMiddle(round: Round, run: RunningProgram, many: number): Promise<void> {
  const { name, server, synchronisation } = round;
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    if ((await server.count(THEIRS)) + (await synchronisation.other.count('INBOX')) > many / 4) return;
    const ended = run.child.exitCode !== null || run.child.signalCode !== null;
    if (ended || performance.now() > end) break;
    await pause(LOOK_MS);
  }
  throw new Error(`${name} was never in the middle of its work:\n${run.output().slice(-4_000)}`);
}

/** Both sides change at once; afterwards a run that has nothing to do does nothing. */
export async function synchroniseChanges(round: Round): Promise<void> {
  const { server, synchronisation, digest, seed } = round;
  const newMail = generatedMail(seed + 1);
  const before = await mustBeSame(round);
  const theirs = someChanges(before, newMail(FEW), 0);
  const ours = someChanges(before, newMail(FEW), 1);
  await make(theirs, server);
  await make(ours, synchronisation.other);
  await synchronise(round);
  const expected = after(before, [...theirs, ...ours], digest);
  await mustBeSame(round, expected);
  await synchronise(round);
  await mustBeSame(round, expected);
}

export async function synchronise({ name, synchronisation }: Round): Promise<void> {
  mustHaveEndedWell(name, await synchronisation.start().ended);
}

/** The same on both sides, and what was expected; gives it back. */
export async function mustBeSame(round: Round, expected?: Contents): Promise<Contents> {
  const { server, synchronisation } = round;
  const there = comparable(round, await server.read());
  const here = comparable(round, await synchronisation.other.read());
  if (expected !== undefined)
    mustHold(`the server after a run of ${round.name}`, asLines(there), asLines(comparable(round, expected)));
  mustHold(`${round.name} against the server`, asLines(here), asLines(there));
  return there;
}

const withoutRepeats = (contents: Contents): Contents =>
  new Map(
    [...contents].map(([mailbox, messages]) => [
      mailbox,
      [...new Map(messages.map((message) => [message.digest, message])).values()],
    ]),
  );

const comparable = ({ synchronisation: { flags } }: Round, contents: Contents): Contents =>
  flags === null ? contents : withFlags(contents, flags);
