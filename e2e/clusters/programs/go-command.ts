import { chmod, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../process/run-command.ts';
import { judgeGo, TOOLCHAIN } from './judge-go.ts';

/** Some 70 MB over a slow line. */
const FETCH_MS = 900_000;
/** Whatever the user has set for other projects. */
const PLAIN = { GOFLAGS: '', GOWORK: 'off' } as const;

/**
 * The Go to build with: the machine's, or, where that one is too old, the one that it can fetch as the module that Go itself
 * publishes its releases as, checked by the checksum database like every module. So a distribution's Go of any age will do.
 */
export async function findGo(say: (text: string) => void): Promise<string> {
  const environment = await runCommand(['go', 'env', 'GOVERSION', 'GOTOOLCHAIN']);
  if (judgeGo(environment) === 'will do') return 'go';
  say(`the machine's Go is too old: fetching ${TOOLCHAIN}, once`);
  return await fetchToolchain();
}

async function fetchToolchain(): Promise<string> {
  const [os, architecture] = (await runCommand(['go', 'env', 'GOOS', 'GOARCH'])).trim().split('\n');
  const module = `golang.org/toolchain@v0.0.1-${TOOLCHAIN}.${os}-${architecture}`;
  const answer = await runCommand(['go', 'mod', 'download', '-json', module], {
    deadlineMs: FETCH_MS,
    environment: { ...PLAIN, GOTOOLCHAIN: 'local' },
  });
  const { Dir: folder } = JSON.parse(answer) as { readonly Dir: string };
  // Modules carry no permissions to execute.
  for (const programs of ['bin', 'pkg/tool']) await makeExecutable(join(folder, programs));
  return join(folder, 'bin', 'go');
}

async function makeExecutable(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) await chmod(join(entry.parentPath, entry.name), 0o755);
}

/**
 * Which compiler a module gets, such as "go1.26.8 linux/amd64". Asked in the module's folder, because a newer one may be
 * fetched for what its go.mod demands.
 */
export async function goVersion(go: string, moduleFolder: string): Promise<string> {
  const words = [go, '-C', moduleFolder, 'env', 'GOVERSION', 'GOOS', 'GOARCH'] as const;
  const [version, os, architecture] = (await runCommand(words)).trim().split('\n');
  return `${version} ${os}/${architecture}`;
}
