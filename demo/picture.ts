import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readOptions } from './options.ts';
import { terminalToSvg } from './terminal/to-svg.ts';

/** `npm run picture`: runs the demo and draws what it printed, for the README. Options are handed on to the demo. */
const argv = process.argv.slice(2);
// Ends here for --help and for a mistake: what then is printed is no picture of a run.
readOptions(argv, {
  name: 'picture',
  description: 'Runs the demo and draws what it prints to docs/images/demo.svg. Takes the options of the demo.',
});
const target = join(import.meta.dirname, '..', 'docs', 'images', 'demo.svg');
const demo = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), ...argv], {
  env: { ...process.env, FORCE_COLOR: '1' },
  stdio: ['ignore', 'pipe', 'inherit'],
});
let output = '';
demo.stdout.setEncoding('utf8').on('data', (text: string) => {
  output += text;
  process.stdout.write(text);
});
const [code] = (await once(demo, 'close')) as [number | null];
if (code === 0) {
  await writeFile(target, terminalToSvg(`\u001b[2m$\u001b[22m npm run demo\n${output}`, 'A run of the demo'));
  process.stdout.write(`Drawn to ${target}\n`);
} else {
  process.stderr.write('The demo did not succeed; no picture was drawn.\n');
  process.exitCode = 1;
}
