import type { Command, Option } from 'commander';
import { EXIT, EXIT_MEANS } from '#cli/cli-error.ts';
import { createProgram } from '#cli/program.ts';
import { createCommandLine, STANDALONE_EXIT } from '#standalone/command-line.ts';
import { STATE_LAYOUT } from '#standalone/state/layout.ts';
import { code, generatedFrom, markdownTable } from './markdown.ts';

const SOURCES = ['standalone/command-line.ts', 'standalone/state/layout.ts', 'cli/program.ts', 'cli/commands/'];

/** docs/reference/standalone.md */
export function standalonePage(): string {
  return `${generatedFrom(SOURCES)}
# \`standalone\` and \`imapctl\`

How to run a cluster on one machine is told in the [guide](../guides/standalone.md); this page is complete instead.

## \`npm run standalone --\`

${options(createCommandLine())}

| exit code | means |
| --- | --- |
${Object.values(STANDALONE_EXIT).map(exitRow).join('\n')}

The first Ctrl-C (or SIGTERM, SIGHUP) ends sessions, operator and databases in order; a second one does not wait for running
commands; a third one leaves at once, and the databases end by themselves.

## The state folder

Everything that a run writes is in it. It is the owner's alone; where root started the run, what the processes need belongs to
\`nobody\` or \`--user\`.

${markdownTable(
  ['in it', 'what'],
  Object.entries(STATE_LAYOUT).map(([name, what]) => [code(name), what]),
)}

## \`npx imapctl\`

${options(createProgram())}

| exit code | means |
| --- | --- |
${Object.entries(EXIT)
  .map(([name, value]) => exitRow({ code: value, means: EXIT_MEANS[name as keyof typeof EXIT] }))
  .join('\n')}

${subcommands(createProgram(), 'imapctl').join('\n\n')}
`;
}

const exitRow = ({ code: value, means }: { readonly code: number; readonly means: string }): string =>
  `| ${value} | ${means} |`;

/** A section for each command that does something by itself. */
function subcommands(command: Command, name: string): readonly string[] {
  return command.commands.flatMap((sub) => {
    const full = `${name} ${sub.name()}`;
    if (sub.commands.length > 0) return subcommands(sub, full);
    const head = [full, ...sub.registeredArguments.map((argument) => `<${argument.name()}>`)].join(' ');
    const parts = [`### \`${head}\``, capital(sub.description())];
    return [[...parts, ...(sub.options.length === 0 ? [] : [options(sub)])].join('\n\n')];
  });
}

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

const options = (command: Command): string =>
  markdownTable(['option', 'what', 'default'], command.options.map(optionRow));

function optionRow(option: Option): readonly string[] {
  const { flags, description, argChoices, envVar, mandatory, defaultValue, defaultValueDescription } = option;
  const choices = argChoices === undefined ? '' : `: ${argChoices.join(', ')}`;
  const environment = envVar === undefined ? '' : `, or ${code(`$${envVar}`)}`;
  const fallback = defaultValueDescription ?? (defaultValue === undefined ? '' : code(String(defaultValue)));
  return [code(flags), `${description}${choices}${environment}`, mandatory ? 'required' : fallback];
}
