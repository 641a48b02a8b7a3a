/** RFC 3501, CONDSTORE (RFC 7162), STATUS=SIZE (RFC 8438), APPENDLIMIT (RFC 7889). */
export const STATUS_ITEMS = [
  'MESSAGES',
  'RECENT',
  'UIDNEXT',
  'UIDVALIDITY',
  'UNSEEN',
  'HIGHESTMODSEQ',
  'SIZE',
  'APPENDLIMIT',
] as const;

export type StatusItem = (typeof STATUS_ITEMS)[number];
