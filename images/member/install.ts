import { cp, mkdir } from 'node:fs/promises';
import { Command } from 'commander';
import { EXIT_USAGE } from '#runtime/program-options.ts';

const command = new Command('launch install')
  .description('Copies the agent, its launcher and its Node into a folder, from which a database image can start them.')
  .argument('<folder>', 'in a volume that the container of the database mounts too')
  .allowExcessArguments(false)
  .showHelpAfterError('(--help says more)')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE))
  .parse();

/** `launch install FOLDER`: the init container of a member's pod. May be repeated; what is there is replaced. */
const [target = ''] = command.args;
await mkdir(target, { recursive: true });
await cp(import.meta.dirname, target, { recursive: true, verbatimSymlinks: true });
process.stdout.write(`${import.meta.dirname} is in ${target}\n`);
