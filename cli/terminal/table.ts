import Table from 'cli-table3';
import pc from 'picocolors';

/** The library would colour for CI too; what is piped to a program or a file must stay plain. */
const colours = pc.createColors(process.stdout.isTTY === true && process.env.NO_COLOR === undefined);

const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

/** Columns as kubectl sets them: a head in capitals, no lines. A row may be shorter than the head. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const drawn = new Table({
    chars: NO_LINES,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    head: head.map((name) => colours.bold(name.toUpperCase())),
  });
  for (const row of rows) drawn.push(head.map((_, column) => row[column] ?? ''));
  return drawn
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

const GREEN = ['Healthy', 'Serving', 'True', 'running', 'yes', 'ready', 'reachable'];
const RED = ['Blocked', 'False', 'exited', 'no', 'no agent', 'none', 'not ready', 'stopped', 'unreachable', '!'];
const YELLOW = ['Creating', 'Starting', 'FailingOver', 'Switching', 'Degraded', 'Paused', 'waiting'];

/** A word that says how things stand, in its colour. */
export function coloured(word: string): string {
  if (GREEN.includes(word)) return colours.green(word);
  if (RED.includes(word)) return colours.red(word);
  if (YELLOW.includes(word)) return colours.yellow(word);
  return word;
}
