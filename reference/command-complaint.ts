import type { Command, Option } from 'commander';

export type CommandLine = {
  readonly words: readonly string[];
  /** As somebody types it: nothing that is required may be missing. */
  readonly whole: boolean;
};

/** What a command line is taken for so far; `options` are those that may be given here. */
type Reading = {
  readonly command: Command;
  readonly options: readonly Option[];
  readonly given: readonly Option[];
  readonly positional: number;
};

/** What is wrong with a command line, by the options and arguments that the program declares; null: nothing. Runs nothing. */
export function commandComplaint(program: Command, { words, whole }: CommandLine): string | null {
  let reading: Reading = { command: program, options: program.options, given: [], positional: 0 };
  for (let rest = words; rest.length > 0; ) {
    const [word = ''] = rest;
    // Whatever else is there, help is given; and what a text leaves out is not looked for.
    if (['--help', '-h', '…'].includes(word)) return null;
    const step = isOption(word) ? withOption(reading, word, rest.slice(1)) : withWord(reading, word);
    if (typeof step === 'string') return step;
    reading = step.reading;
    rest = rest.slice(step.taken);
  }
  return whole ? missing(reading) : null;
}

const isOption = (word: string): boolean => word.startsWith('-') && word !== '-';

type Step = { readonly reading: Reading; readonly taken: number } | string;

function withOption(reading: Reading, word: string, rest: readonly string[]): Step {
  const [name = ''] = word.split('=');
  const option = reading.options.find(({ long, short }) => name === long || name === short);
  if (option === undefined) return `${reading.command.name()} has no ${word}`;
  const taken = 1 + (word.includes('=') ? 0 : valuesOf(option, rest));
  return { reading: { ...reading, given: [...reading.given, option] }, taken };
}

/** How many of the words that follow belong to the option. */
function valuesOf(option: Option, rest: readonly string[]): number {
  if (!option.required && !option.optional) return 0;
  if (!option.variadic) return 1;
  const next = rest.findIndex(isOption);
  return next < 0 ? rest.length : next;
}

function withWord(reading: Reading, word: string): Step {
  const { command, options, positional } = reading;
  if (command.commands.length === 0) return { reading: { ...reading, positional: positional + 1 }, taken: 1 };
  const sub = command.commands.find((each) => each.name() === word);
  if (sub === undefined) return `${command.name()} has no command ${word}`;
  return { reading: { ...reading, command: sub, options: [...options, ...sub.options] }, taken: 1 };
}

function missing({ command, given, positional }: Reading): string | null {
  if (command.commands.length > 0) return `${command.name()} lacks a command`;
  const { registeredArguments: declared } = command;
  const wanted = declared.filter(({ required }) => required).length;
  const isBounded = !declared.some(({ variadic }) => variadic);
  if (positional < wanted || (isBounded && positional > declared.length))
    return `${command.name()} takes other arguments than ${positional}`;
  const absent = command.options.find((option) => option.mandatory && !given.includes(option));
  return absent === undefined ? null : `${command.name()} lacks ${absent.long ?? ''}`;
}
