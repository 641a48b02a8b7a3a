import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Argument, Command, CommanderError, Option } from 'commander';
import { EXIT_USAGE } from '#runtime/program-options.ts';
import { buildArchive } from './build/build-archive.ts';
import { buildByBuildah } from './build/build-by-buildah.ts';
import { type ImageName, imageNames, images } from './image-table.ts';
import { writeTree } from './tree/write-tree.ts';

type BuildCommand = {
  readonly output: string;
  readonly repository: string;
  readonly tool: 'none' | 'buildah';
  readonly base?: string;
};

/** `npm run images -- COMMAND`: container images of the programs. See docs/guides/images.md. */
const program = new Command('images')
  .description('Container images of the programs, each as an archive that docker, podman, containerd and kind load.')
  .showHelpAfterError('(--help says more)')
  .exitOverride();

program
  .command('build')
  .description('make images: NAME.tar each, in the format of docker save')
  .addArgument(new Argument('[image...]', 'which; all where none is named').choices(imageNames))
  .option('--output <folder>', 'where to', 'dist/images')
  .option('--repository <name>', 'what stands before their names: a registry and its folder', 'localhost')
  .addOption(
    new Option('--tool <name>', 'none: pack them here, one layer; buildah: from their Containerfiles')
      .choices(['none', 'buildah'])
      .default('none'),
  )
  .option('--base <image>', 'for buildah: what to stand on, any image with glibc; else the C library of this machine')
  .action(async (names: readonly ImageName[], options: BuildCommand) => {
    for (const name of names.length === 0 ? imageNames : names) await build(name, options);
  });

program
  .command('tree')
  .description('write what is ours of an image into a folder; its Containerfile does this')
  .addArgument(new Argument('<image>').choices(imageNames))
  .argument('<folder>')
  .action(async (name: ImageName, folder: string) => await writeTree(images[name], resolve(folder)));

async function build(image: ImageName, { output, repository, tool, base }: BuildCommand): Promise<void> {
  if (base !== undefined && tool === 'none') throw new Error('--base needs a tool that has images: --tool buildah');
  await mkdir(output, { recursive: true });
  const archive = resolve(join(output, `${image}.tar`));
  const name =
    tool === 'none'
      ? await buildArchive(image, { repository, archive })
      : await buildByBuildah(image, { repository, archive, base: base ?? null });
  const hash = createHash('sha256');
  await pipeline(createReadStream(archive), hash);
  process.stdout.write(`${name}  ${archive}  sha256:${hash.digest('hex')}\n`);
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof Error)) throw error;
  if (error instanceof CommanderError) {
    // It has said so itself.
    process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
  } else {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
