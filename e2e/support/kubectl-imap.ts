import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type CommandOptions, runCommand } from '../clusters/process/run-command.ts';

const PLUGIN = join(import.meta.dirname, '..', '..', 'cli', 'kubectl-imap.mjs');

/** `kubectl imap …` as people type it: kubectl finds the plugin on PATH, by its name. */
export class KubectlImap implements AsyncDisposable {
  readonly folder: string;
  readonly #namespace: string;

  private constructor(folder: string, namespace: string) {
    this.folder = folder;
    this.#namespace = namespace;
  }

  static async install(namespace: string): Promise<KubectlImap> {
    const folder = await mkdtemp(join(tmpdir(), 'imapcluster-plugin-'));
    await symlink(PLUGIN, join(folder, 'kubectl-imap'));
    return new KubectlImap(folder, namespace);
  }

  /** What it prints. @throws CommandError where it ends with another code than 0 */
  async run(words: readonly string[], options: CommandOptions = {}): Promise<string> {
    const PATH = [this.folder, process.env.PATH ?? ''].join(delimiter);
    return await runCommand(['kubectl', 'imap', '--namespace', this.#namespace, ...words], {
      ...options,
      // It is run again and again.
      environment: { PATH, NODE_COMPILE_CACHE: join(this.folder, 'compiled') },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
