import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildFlags, buildFlags } from './build-flags.ts';
import { goVersion } from './go-command.ts';
import { moduleKey } from './module-key.ts';
import { type ModuleName, modules } from './program-table.ts';

/** A module ready to be built, and where its programs go. */
export type ModuleFolder = {
  readonly name: ModuleName;
  /** With go.mod and go.sum. */
  readonly source: string;
  /** In the cache; does not exist before something is built. */
  readonly built: string;
  readonly flags: BuildFlags;
  /** The compiler. */
  readonly go: string;
};

/** Reads a committed module and works out the folder of the cache that belongs to exactly this version of it. */
export async function openModule(
  name: ModuleName,
  { cache, go }: { readonly cache: string; readonly go: string },
): Promise<ModuleFolder> {
  const source = join(import.meta.dirname, 'modules', name);
  const [goMod, goSum, version] = await Promise.all([
    readFile(join(source, 'go.mod'), 'utf8'),
    readFile(join(source, 'go.sum'), 'utf8'),
    goVersion(go, source),
  ]);
  const flags = buildFlags(modules[name], goMod);
  const settings = Object.entries(flags.environment).map(([variable, value]) => `${variable}=${value}`);
  const key = moduleKey({ goMod, goSum, go: version, flags: [...flags.arguments, ...settings] });
  return { name, source, built: join(cache, `${name}-${key}`), flags, go };
}
