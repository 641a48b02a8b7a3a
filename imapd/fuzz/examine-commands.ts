import { badUrl } from '../commands/append/bad-url.ts';
import type { Command, LiteralPlace } from '../protocol/command.ts';
import type { EndFrame, Frame, MessageFrame } from '../protocol/frame.ts';
import { Framer } from '../protocol/framer.ts';
import { DEFAULT_LIMITS } from '../protocol/limits.ts';
import type { MailboxNames } from '../protocol/mailbox-name.ts';
import { parseCommand, parseFurtherSteps } from '../protocol/parse-command.ts';
import type { Refusal } from '../protocol/refusal.ts';
import { ResponseWriter } from '../protocol/response-writer.ts';
import { holdNotice } from '../session/hold-notice.ts';
import type { Random } from './random.ts';
import { requireGrammar } from './require-grammar.ts';

const { line, literalsTogether, tag: longestTag } = DEFAULT_LIMITS;
const CUT_ONE_IN = 4;
const PLACES: readonly LiteralPlace[] = ['message', 'utf8', 'text', 'utf8Text', 'url'];
const REFUSAL: Refusal = { tag: null, status: 'NO', code: null, text: 'no' };

/**
 * Whatever a client sends: the same frames however it is cut, each command either understood or refused by a response that
 * clients understand, and nothing kept or given out beyond the limits.
 * @throws Error that says what is wrong
 */
export function examineCommands(input: Buffer, random: Random): void {
  const signedIn = !random.once(4);
  const whole = framesOf([input], signedIn);
  // What costs most is done for some of the inputs.
  if (random.once(CUT_ONE_IN)) requireAlike(whole, framesOf(pieces(input, random), signedIn));
  const names: MailboxNames = random.once(2) ? 'modifiedUtf7' : 'utf8';
  for (const frame of whole) {
    if (frame.kind === 'refused') requireRefusal(frame.refusal);
    else if (frame.kind === 'command' || (frame.kind === 'message' && frame.first)) examineCommand(frame.bytes, names);
    else if (frame.kind === 'end' || frame.kind === 'message') examineSteps(frame, random.pick(PLACES));
  }
}

function requireAlike(whole: readonly Frame[], cut: readonly Frame[]): void {
  if (describe(whole) !== describe(cut))
    throw new Error(`frames depend on the cut: ${describe(whole)} ${describe(cut)}`);
}

function framesOf(input: readonly Buffer[], signedIn: boolean): readonly Frame[] {
  const framer = new Framer(DEFAULT_LIMITS);
  if (signedIn) framer.signedIn();
  const frames: Frame[] = [];
  const most = input.reduce((sum, piece) => sum + piece.length, 2);
  for (const piece of input) {
    framer.push(piece);
    for (let frame = framer.next(); frame !== null; frame = framer.next()) {
      keep(frames, frame);
      if (frames.length > most) throw new Error('more frames than octets');
      // What decides is in the frame, so that it is decided alike however the input was cut.
      if (frame.kind === 'message' && frame.size % 3 === 0) framer.refuse(REFUSAL);
      else if (frame.kind === 'message') framer.accept();
    }
  }
  return frames;
}

/** The pieces of a message are cut as the input was: only what they are together counts. */
function keep(frames: Frame[], frame: Frame): void {
  const last = frames.at(-1);
  if (frame.kind !== 'chunk' || last?.kind !== 'chunk') {
    frames.push('bytes' in frame ? { ...frame, bytes: Buffer.from(frame.bytes) } : frame);
    return;
  }
  frames[frames.length - 1] = { kind: 'chunk', bytes: Buffer.concat([last.bytes, frame.bytes]) };
}

const describe = (frames: readonly Frame[]): string =>
  frames
    .map((frame) => ('bytes' in frame ? `${frame.kind} ${frame.bytes.toString('latin1')}` : JSON.stringify(frame)))
    .join('\n');

function* piecesOf(input: Buffer, random: Random): Generator<Buffer> {
  for (let at = 0; at < input.length; ) {
    const end = at + 1 + random.below(random.once(2) ? 4 : 64);
    yield input.subarray(at, end);
    at = end;
  }
}
const pieces = (input: Buffer, random: Random): readonly Buffer[] => [...piecesOf(input, random)];

function examineCommand(bytes: Buffer, names: MailboxNames): void {
  if (bytes.length > line + literalsTogether) throw new Error(`a command of ${bytes.length} octets`);
  const parsed = parseCommand(bytes, DEFAULT_LIMITS, names);
  if (!parsed.ok) {
    requireRefusal(parsed.refusal);
    return;
  }
  const { tag, command, suppliedNames } = parsed;
  if (tag.length > longestTag) throw new Error(`a tag of ${tag.length} octets`);
  requireGrammar(`${tag} OK done\r\n${holdNotice(tag, true)}* ESEARCH (TAG "${tag.replace(/["\\]/g, '\\$&')}")\r\n`);
  requireNames(command, [...suppliedNames].flat(), names);
  requireEchoes(command);
}

function requireRefusal(refusal: Refusal): void {
  requireGrammar(new ResponseWriter().tagged(refusal.tag, refusal).take());
}

/** What stands in an APPEND behind a literal. Framer and parser agree where another one is to come. */
function examineSteps({ kind, bytes }: EndFrame | MessageFrame, behind: LiteralPlace): void {
  const parsed = parseFurtherSteps(bytes, behind, DEFAULT_LIMITS);
  if (!parsed.ok) requireRefusal(parsed.refusal);
  const announced = parsed.ok ? parsed.steps.at(-1)?.kind === 'literal' : kind === 'message';
  if (announced !== (kind === 'message')) throw new Error(`${kind}, and its steps are ${JSON.stringify(parsed)}`);
}

/** It is told which URL of CATENATE was wrong. */
function requireRefusalOf(url: string): void {
  const { status, text, code = null } = badUrl(url);
  requireGrammar(new ResponseWriter().tagged('a', { status, text, code }).take());
}

/** Names of mailboxes come back in LIST, whatever they were created from. */
function requireNames(command: Command, supplied: readonly string[], names: MailboxNames): void {
  const named = 'mailbox' in command ? [command.mailbox] : [];
  const searched = command.name === 'ESEARCH' ? (command.sources ?? []) : [];
  const sources = searched.flatMap((source) => ('names' in source ? source.names : []));
  const renamed = command.name === 'RENAME' ? [command.from, command.to] : [];
  for (const name of [...named, ...renamed, ...sources, ...supplied]) {
    if (name === null || name === '') continue;
    const writer = new ResponseWriter(names);
    requireGrammar(writer.raw('* LIST () "/" ').mailbox(name).crlf().take(), { rev2: names === 'utf8' });
  }
}

/** What a client chose and the server says again: flags, and the labels of sections. */
function requireEchoes(command: Command): void {
  const flags = command.name === 'STORE' ? command.flags : [];
  const steps = 'steps' in command ? command.steps : [];
  const appended = steps.map((step) => (step.kind === 'message' ? step.flags : []));
  for (const list of [flags, ...appended]) {
    requireGrammar(new ResponseWriter().raw('* 1 FETCH (UID 1 FLAGS ').flags(list).raw(')\r\n').take());
  }
  for (const step of steps) if (step.kind === 'url' && step.url !== '') requireRefusalOf(step.url);
  if (command.name !== 'FETCH') return;
  const labels = command.items.flatMap((item) => ('label' in item ? [item] : []));
  for (const { kind, label } of labels) {
    const value = kind === 'BINARY.SIZE' ? '1' : 'NIL';
    requireGrammar(Buffer.from(`* 1 FETCH (UID 1 ${label} ${value})\r\n`, 'latin1'));
  }
}
