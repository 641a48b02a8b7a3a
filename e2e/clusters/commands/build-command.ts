import { InvalidArgumentError } from 'commander';
import { ensurePrograms } from '../programs/ensure-programs.ts';
import { modules, type ProgramName } from '../programs/program-table.ts';

const names: readonly ProgramName[] = Object.values(modules).flatMap(
  ({ programs }) => Object.keys(programs) as ProgramName[],
);

/** `npm run cluster -- build [NAME…]`: fills the cache, so that later commands have nothing to wait for. */
export async function buildCommand(chosen: readonly string[], signal: AbortSignal): Promise<void> {
  const wanted = chosen.length === 0 ? names : chosen.map(programName);
  const programs = await ensurePrograms(wanted, { signal });
  process.stdout.write(`${wanted.map((name) => programs.path(name)).join('\n')}\n`);
}

function programName(text: string): ProgramName {
  const found = names.find((name) => name === text);
  if (found === undefined) throw new InvalidArgumentError(`no program ${text}; there are ${names.join(', ')}`);
  return found;
}
