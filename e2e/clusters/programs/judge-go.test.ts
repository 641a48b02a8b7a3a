import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compare, judgeGo, parseGoVersion, TOOLCHAIN } from './judge-go.ts';

test.each([
  [`${TOOLCHAIN}\nlocal\n`, 'will do'],
  ['go1.25.1\nlocal\n', 'too old'],
  ['go1.25.1\nauto\n', 'will do'],
  ['go1.21.0\nauto\n', 'will do'],
  ['go1.19\n\n', 'too old'],
  ['go1.19.8\n\n', 'too old'],
  ['go2.0\nlocal\n', 'will do'],
  ['devel go1.27-abc\nlocal\n', 'will do'],
])('go env %j: %s', (output, answer) => expect(judgeGo(output)).toBe(answer));

const folder = join(import.meta.dirname, 'modules');
test.each(readdirSync(folder))('the Go that is fetched is new enough for the module %s', (module) => {
  const demand = /^go (\S+)$/m.exec(readFileSync(join(folder, module, 'go.mod'), 'utf8'))?.[1];
  const [needed, fetched] = [parseGoVersion(`go${demand}`), parseGoVersion(TOOLCHAIN)];
  expect(compare(fetched ?? [], needed ?? [9])).toBeGreaterThanOrEqual(0);
});
