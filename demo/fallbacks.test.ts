import { expect, test } from 'vitest';
import { readFallbacks } from './fallbacks.ts';

const page = `# HELP imapd_content_reads_total Reads of content
# TYPE imapd_content_reads_total counter
imapd_content_reads_total{partition="users-a",source="replica",fallback="none"} 900
imapd_content_reads_total{partition="users-a",source="primary",fallback="young"} 3
imapd_content_reads_total{partition="users-a",source="primary",fallback="missing"} 1
imapd_content_reads_total{partition="users-b",source="primary",fallback="young"} 50
`;

test('reads of the primary by reason, over all processes, one partition only', () => {
  expect(Object.fromEntries(readFallbacks([page, page], 'users-a'))).toEqual({ young: 6, missing: 2 });
});

test('no reads are no fallbacks', () => {
  expect(readFallbacks(['', '# nothing\n'], 'users-a').size).toBe(0);
});
