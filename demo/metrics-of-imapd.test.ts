import { expect, test } from 'vitest';
import { readContentBytes } from './content-bytes.ts';
import { readFallbacks } from './fallbacks.ts';

const page = `# HELP imapd_content_reads_total Reads of content
# TYPE imapd_content_reads_total counter
imapd_content_reads_total{partition="users-a",source="replica",fallback="none"} 900
imapd_content_reads_total{partition="users-a",source="primary",fallback="young"} 3
imapd_content_reads_total{partition="users-a",source="primary",fallback="missing"} 1
imapd_content_reads_total{partition="users-b",source="primary",fallback="young"} 50
imapd_content_read_bytes_total{partition="users-a",source="replica",member="users-a-1"} 4000
imapd_content_read_bytes_total{partition="users-a",source="replica",member="users-a-2"} 5000
imapd_content_read_bytes_total{partition="users-a",source="primary",member="users-a-0"} 70
imapd_content_read_bytes_total{partition="users-b",source="primary",member="users-b-0"} 600
imapd_routing_version 7
`;

test('reads of the primary by reason, over all processes, one partition only', () => {
  expect(Object.fromEntries(readFallbacks([page, page], 'users-a'))).toEqual({ young: 6, missing: 2 });
});

test('octets by where they came from, over all processes, one partition only', () => {
  expect(readContentBytes([page, page], 'users-a')).toEqual({ replica: 18_000, primary: 140 });
});

test('no reads are no fallbacks and no octets', () => {
  expect(readFallbacks(['', '# nothing\n'], 'users-a').size).toBe(0);
  expect(readContentBytes(['', '# nothing\n'], 'users-a')).toEqual({ replica: 0, primary: 0 });
});
