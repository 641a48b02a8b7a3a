import { chmod, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CHECKOUT } from '../checkout.ts';
import { imageNames, images } from '../image-table.ts';
import { run } from '../run.ts';
import { putFile } from './put-file.ts';
import { runtimeLibraries } from './runtime-libraries.ts';
import { NODE } from './write-tree.ts';

const USERS = 'root:x:0:0:root:/:/nologin\nimapcluster:x:65532:65532:imapcluster:/:/nologin\n';
const GROUPS = 'root:x:0:\nimapcluster:x:65532:\n';
/** A resolver that asks the files first, as every image has it. */
const NAMES = 'passwd: files\ngroup: files\nhosts: files dns\n';

/** The least that our programs can stand on: this machine's C library, users, how names are looked up. No shell. */
export async function writeMinimalBase(rootfs: string): Promise<void> {
  for (const library of await systemLibraries())
    await putFile(join(rootfs, library), { from: library }, { program: true });
  await putFile(join(rootfs, 'etc/passwd'), { text: USERS });
  await putFile(join(rootfs, 'etc/group'), { text: GROUPS });
  await putFile(join(rootfs, 'etc/nsswitch.conf'), { text: NAMES });
  await mkdir(join(rootfs, 'tmp'));
  await chmod(join(rootfs, 'tmp'), 0o1777);
}

/** Of Node, and of the packages with a compiled part, which link to more of the C library than Node does. */
async function systemLibraries(): Promise<ReadonlySet<string>> {
  const packages = imageNames.flatMap((name) => images[name].nativePackages);
  const compiled = packages.map(async (name) => {
    const folder = join(CHECKOUT, 'node_modules', name);
    const files = await readdir(folder);
    return files.filter((file) => file.endsWith('.node')).map((file) => join(folder, file));
  });
  const files = [NODE, ...(await Promise.all(compiled)).flat()];
  const said = await Promise.all(files.map((file) => run('ldd', [file])));
  return new Set(said.flatMap((text) => runtimeLibraries(text).system));
}
