import type { ModuleBuild } from './program-table.ts';

export type BuildFlags = {
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
};

/**
 * How a module's programs are compiled.
 * @param goMod text of its go.mod, from which the version to stamp is read
 * @throws Error where the version is not in it
 */
export function buildFlags(build: ModuleBuild, goMod: string): BuildFlags {
  const linker = ['-s', '-w', ...stamps(build, goMod)];
  return {
    arguments: [
      '-trimpath',
      '-mod=readonly',
      '-buildvcs=false',
      ...(build.tags === undefined ? [] : ['-tags', build.tags.join(',')]),
      '-ldflags',
      linker.join(' '),
    ],
    // GOFLAGS of the user's could change what is built without changing its key; a workspace around us could too.
    environment: { CGO_ENABLED: build.cgo === true ? '1' : '0', GOFLAGS: '', GOWORK: 'off' },
  };
}

function stamps({ stamp, stampedBy }: ModuleBuild, goMod: string): readonly string[] {
  if (stamp === undefined || stampedBy === undefined) return [];
  const version = requiredVersion(goMod, stampedBy);
  const [major = '', minor = ''] = version.slice(1).split('.');
  return stamp.flatMap((name) =>
    Object.entries({ gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' }).map(
      ([variable, value]) => `-X ${name}.${variable}=${value}`,
    ),
  );
}

/** Such as "v1.37.2". */
export function requiredVersion(goMod: string, module: string): string {
  const line = goMod.split('\n').find((text) =>
    text
      .trim()
      .replace(/^require /, '')
      .startsWith(`${module} v`),
  );
  const version = line
    ?.trim()
    .replace(/^require /, '')
    .split(' ')[1];
  if (version === undefined) throw new Error(`go.mod requires no version of ${module}`);
  return version;
}
