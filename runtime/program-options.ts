import { Command, InvalidArgumentError } from 'commander';

/** Wrong arguments or configuration, as everywhere in the project. */
export const EXIT_USAGE = 2;
/** A port to listen on is another program's: another start would not help. */
export const EXIT_PORT_TAKEN = 3;

export type ServiceProgram = {
  /** As it is started: `node member/main.ts`. */
  readonly name: string;
  /** What it is, and who starts it. */
  readonly description: string;
};

/** Fields of a configuration that its file cannot know, by their path: `{'server.host': '10.0.0.7'}`. */
export type Settings = Readonly<Record<string, string>>;
export type JobOptions = { readonly config: string; readonly result?: string };
export type ConfigOptions = { readonly config: string; readonly set: Settings };

/**
 * The configuration file that a program was given: `--config FILE`. Prints the help or what is wrong with the arguments, and
 * ends the process with 0 or 2, where there is nothing to run.
 */
export function readConfigOption(program: ServiceProgram): string {
  return commandOf(program).parse().opts<{ readonly config: string }>().config;
}

/**
 * The same, and `--set FIELD=VALUE`: pods of one kind share a file and are told by the kubelet, in their arguments, what
 * each of them is called and where it is.
 */
export function readConfigOptions(program: ServiceProgram): ConfigOptions {
  const command = commandOf(program);
  command.option('--set <field=value>', 'a field of text that differs from the file; may be repeated', addSetting, {});
  return command.parse().opts<ConfigOptions>();
}

/** Of a program that does one thing and ends: the configuration, and where its result is to be written besides. */
export function readJobOptions(program: ServiceProgram): JobOptions {
  const command = commandOf(program);
  command.option('--result <file>', 'writes the last line of the output there too, such as /dev/termination-log');
  return command.parse().opts<JobOptions>();
}

const commandOf = ({ name, description }: ServiceProgram): Command =>
  new Command(name)
    .description(description)
    .requiredOption('--config <file>', 'JSON; every field is in docs/reference/configuration.md')
    .allowExcessArguments(false)
    .showHelpAfterError('(--help says more)')
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE));

function addSetting(text: string, before: Settings): Settings {
  const [, field, value] = /^([A-Za-z][\w.]*)=(.*)$/s.exec(text) ?? [];
  if (field === undefined || value === undefined) throw new InvalidArgumentError('not FIELD=VALUE.');
  return { ...before, [field]: value };
}
