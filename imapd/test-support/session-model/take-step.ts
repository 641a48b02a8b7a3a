import type { Answer, ModelSession } from './model-session.ts';
import type { Step, StepKind } from './random-steps.ts';
import type { SharedFacts } from './shared-facts.ts';

type Scene = {
  readonly session: ModelSession;
  readonly mailbox: string;
  readonly facts: SharedFacts;
  /** Settles when the other sessions have taken their steps of this round. */
  readonly others: Promise<unknown>;
};

/** A step without messages to work on, and one that is refused for a reason that is right, is no fault. */
const RIGHT_REFUSALS = ['EXPUNGEISSUED', 'UNAVAILABLE', 'READ-ONLY', 'MODIFIED', 'NOTSAVED', 'INUSE'];

/** Sends what a step stands for, seen from what this session knows. @throws Error where the session cannot go on */
export async function takeStep(chosenStep: Step, scene: Scene): Promise<void> {
  const { session } = scene;
  const step = session.model.byUidAlone ? { ...chosenStep, byUid: true } : chosenStep;
  const answer = await STEPS[step.kind](step, scene);
  if (answer === null || answer.status === 'OK') return;
  if (answer.code !== null && RIGHT_REFUSALS.includes(answer.code)) return;
  session.model.violations.push(`${step.kind} is refused: ${answer.status} [${answer.code}]`);
}

type Taken = (step: Step, scene: Scene) => Promise<Answer | null>;

const STEPS: Readonly<Record<StepKind, Taken>> = {
  rest: async () => null,
  noop: (_, { session }) => session.command('NOOP'),
  check: (_, { session }) => session.command('CHECK'),
  append,
  fetch,
  store,
  expunge: (_, { session }) => session.command('EXPUNGE'),
  uidExpunge: (step, { session }) => onMessages(step, session, (set) => `UID EXPUNGE ${set}`),
  search: ({ byUid }, { session }) => session.command(`${byUid ? 'UID ' : ''}SEARCH ALL`),
  sort: ({ byUid }, { session }) => session.command(`${byUid ? 'UID ' : ''}SORT (REVERSE ARRIVAL) UTF-8 ALL`),
  thread: ({ byUid }, { session }) => session.command(`${byUid ? 'UID ' : ''}THREAD REFERENCES UTF-8 ALL`),
  save: (_, { session }) => session.command('UID SEARCH RETURN (SAVE ALL) UNDELETED'),
  watch: ({ flag }, { session }) =>
    session.keepUp(flag.startsWith('\\') ? flag.slice(1).toUpperCase() : `KEYWORD ${flag}`),
  subject,
  copy: (step, { session, mailbox }) => onMessages(step, session, (set) => `UID COPY ${set} ${mailbox}`),
  move: (step, { session }) => onMessages(step, session, (set) => `UID MOVE ${set} Sent`),
  status: (_, { session }) => session.command('STATUS Sent (MESSAGES UIDNEXT UNSEEN)'),
  idle: (_, { session, others }) => session.idle(others),
  reselect: (_, { session, mailbox }) => session.command(`SELECT ${mailbox}`),
};

async function append(_: Step, { session, mailbox, facts }: Scene): Promise<Answer> {
  const message = `Subject: ${facts.newSubject()}\r\n\r\ntext\r\n`;
  const answer = await session.command(`APPEND ${mailbox} {${message.length}+}\r\n${message}`);
  facts.noteAppended(answer);
  return answer;
}

/** Every message that was asked for is told, unless it is said that some are gone (RFC 2180, 4.1.2; RFC 9051, 6.4.5). */
async function fetch(step: Step, { session }: Scene): Promise<Answer | null> {
  const sequences = chosen(step, session);
  if (sequences.length === 0) return null;
  const [from, to] = [sequences[0] ?? 0, sequences.at(-1) ?? 0];
  if (step.byUid) return await session.command('UID FETCH 1:* (FLAGS)');
  const answer = await session.command(`FETCH ${from}:${to} (UID FLAGS)`);
  const told = new Set(answer.responses.flatMap((response) => (response.kind === 'fetch' ? [response.sequence] : [])));
  const left = sequences.filter((sequence) => !told.has(sequence));
  if (left.length > 0 && answer.code === null) session.model.violations.push(`FETCH told nothing of ${left.join()}`);
  return answer;
}

async function store(step: Step, { session }: Scene): Promise<Answer | null> {
  const { flag, mode, silent } = step;
  const sequences = chosen(step, session);
  const set = setOf(step, session, sequences);
  if (set === null) return null;
  const item = `${mode}FLAGS${silent ? '.SILENT' : ''}`;
  if (silent) session.model.assumeFlags(sequences, (flags) => changed(flags, flag, mode));
  const answer = await session.command(`${step.byUid ? 'UID ' : ''}STORE ${set} ${item} (${flag})`);
  // Whether it happened to all of them is not told.
  if (silent && (answer.status !== 'OK' || answer.code !== null)) session.model.forgetFlags(sequences);
  return answer;
}

function changed(flags: readonly string[], flag: string, mode: Step['mode']): readonly string[] {
  if (mode === '') return [flag];
  const others = flags.filter((each) => each !== flag);
  return mode === '+' ? [...others, flag] : others;
}

/** The same UID, the same message, for every session and for ever. */
async function subject(step: Step, { session, facts }: Scene): Promise<Answer | null> {
  const [sequence] = chosen(step, session);
  const uid = sequence === undefined ? null : session.model.messages[sequence - 1]?.uid;
  if (uid === null || uid === undefined) return null;
  const answer = await session.command(`UID FETCH ${uid} (BODY.PEEK[HEADER.FIELDS (SUBJECT)])`);
  for (const response of answer.responses) {
    const told =
      response.kind === 'fetch' || response.kind === 'uidFetch'
        ? response.items.get('BODY[HEADER.FIELDS (SUBJECT)]')
        : null;
    if (typeof told !== 'string') continue;
    const wrong = facts.noteSubject(uid, told.trim());
    if (wrong !== null) session.model.violations.push(wrong);
  }
  return answer;
}

/** Neighbours in the session's list, so that one set names them. */
function chosen({ at, more }: Step, { model }: ModelSession): readonly number[] {
  if (model.count === 0) return [];
  const first = 1 + (at % model.count);
  return Array.from({ length: Math.min(1 + more, model.count - first + 1) }, (_, n) => first + n);
}

/** null: there is no such message, or its UID is not known yet. */
function setOf({ byUid }: Step, { model }: ModelSession, sequences: readonly number[]): string | null {
  if (sequences.length === 0) return null;
  if (!byUid) return `${sequences[0]}:${sequences.at(-1)}`;
  const uids = sequences.map((sequence) => model.messages[sequence - 1]?.uid ?? null);
  return uids.includes(null) ? null : uids.join();
}

async function onMessages(step: Step, session: ModelSession, command: (set: string) => string): Promise<Answer | null> {
  const set = setOf({ ...step, byUid: true }, session, chosen(step, session));
  return set === null ? null : await session.command(command(set));
}
