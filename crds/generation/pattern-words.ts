import { DURATION_PATTERN } from '../duration.ts';
import { DNS_LABEL, DNS_SUBDOMAIN } from '../object-meta.ts';
import { QUANTITY_PATTERN } from '../quantity.ts';

const WORDS: ReadonlyMap<string, string> = new Map([
  [DURATION_PATTERN, 'a duration such as 250ms, 15s or 1m30s'],
  [QUANTITY_PATTERN, 'a quantity such as 64Mi, 20Gi or 500m'],
  [DNS_LABEL, 'a DNS label: lower-case letters, digits and -, at most 63'],
  [DNS_SUBDOMAIN, 'a DNS name: lower-case letters, digits, - and .'],
  ['^[0-9]{1,4}(-[0-9]{1,4})?$', 'N or FROM-TO, such as 7 or 0-511'],
  ['^https://', 'an https:// address'],
]);

/** What a pattern allows, in words where it has some. */
export const patternInWords = (pattern: string): string => WORDS.get(pattern) ?? `text that matches ${pattern}`;
