import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { cacheFolder } from '#runtime/cache/cache-folder.ts';
import { createProgressPrinter, type ProgressPrinter } from '#runtime/cache/progress-printer.ts';
import { lockCache } from './build-lock.ts';
import { buildProgram } from './build-program.ts';
import { describeProgress } from './build-progress.ts';
import { findGo } from './go-command.ts';
import { type ModuleFolder, openModule } from './module-folder.ts';
import { requirePrerequisites } from './prerequisites.ts';
import { type ModuleBuild, type ModuleName, modules, type ProgramName } from './program-table.ts';

export type EnsureOptions = {
  readonly signal?: AbortSignal;
  /** Where progress is told; standard error unless given. */
  readonly printer?: ProgressPrinter;
};

/** Where each program is. */
export type Programs = {
  path(name: ProgramName): string;
  /** The folders that hold them, for PATH. */
  readonly folders: readonly string[];
};

type Wanted = {
  readonly name: ProgramName;
  readonly module: ModuleFolder;
  readonly package: string;
  readonly seconds: number;
};

const TICK_MS = 1_000;

/**
 * The programs named, built from their Go modules unless the cache has them. Nothing is built twice by two processes at
 * once, and nothing half-built is ever used.
 *
 * @throws MissingPrerequisites naming the Debian packages
 * @throws CommandError with the compiler's words
 */
export async function ensurePrograms(names: readonly ProgramName[], options: EnsureOptions = {}): Promise<Programs> {
  const { signal = new AbortController().signal, printer = createProgressPrinter(process.stderr) } = options;
  const cache = cacheFolder(process.env, homedir());
  await requirePrerequisites(['go']);
  const wanted = await locate(names, { cache, go: await findGo(printer.line) });
  if ((await missing(wanted)).length > 0) {
    if (wanted.some(({ module }) => isCgo(module.name))) await requirePrerequisites(['cgo']);
    const lock = await lockCache(cache, signal, printer.line);
    try {
      // Whoever held the lock before may have built some of them.
      await buildAll(await missing(wanted), printer, signal);
    } finally {
      lock.release();
    }
  }
  const paths = new Map(wanted.map(({ name, module }) => [name, join(module.built, name)]));
  return {
    path(name) {
      const path = paths.get(name);
      if (path === undefined) throw new Error(`${name} was not asked for`);
      return path;
    },
    folders: [...new Set(wanted.map(({ module }) => module.built))],
  };
}

async function locate(
  names: readonly ProgramName[],
  where: { readonly cache: string; readonly go: string },
): Promise<readonly Wanted[]> {
  const tables = Object.entries(modules as Record<ModuleName, ModuleBuild>) as [ModuleName, ModuleBuild][];
  const found = tables.map(async ([moduleName, { programs }]) => {
    const chosen = Object.entries(programs).filter(([name]) => names.includes(name as ProgramName));
    if (chosen.length === 0) return [];
    const module = await openModule(moduleName, where);
    return chosen.map(([name, program]) => ({ name: name as ProgramName, module, ...program }));
  });
  return (await Promise.all(found)).flat();
}

async function missing(wanted: readonly Wanted[]): Promise<readonly Wanted[]> {
  const there = await Promise.all(
    wanted.map(({ name, module }) =>
      access(join(module.built, name)).then(
        () => true,
        () => false,
      ),
    ),
  );
  return wanted.filter((_, index) => there[index] === false);
}

function isCgo(name: ModuleName): boolean {
  const build: ModuleBuild = modules[name];
  return build.cgo === true;
}

async function buildAll(wanted: readonly Wanted[], printer: ProgressPrinter, signal: AbortSignal): Promise<void> {
  const expected = wanted.reduce((sum, { seconds }) => sum + seconds, 0);
  const total = wanted.length;
  if (total > 1)
    printer.line(`building ${total} programs, once: about ${Math.ceil(expected / 60)} min on two idle cores`);
  for (const [index, program] of wanted.entries()) {
    const started = performance.now();
    const elapsedSeconds = (): number => (performance.now() - started) / 1_000;
    const tell = (): void =>
      printer.live(
        describeProgress({
          program: program.name,
          position: index + 1,
          total,
          elapsedSeconds: elapsedSeconds(),
          expectedSeconds: program.seconds,
        }),
      );
    tell();
    const ticking = setInterval(tell, TICK_MS);
    try {
      await buildProgram(program.module, program, signal);
    } finally {
      clearInterval(ticking);
    }
    printer.line(`built ${program.name} in ${elapsedSeconds().toFixed(0)} s`);
  }
}
