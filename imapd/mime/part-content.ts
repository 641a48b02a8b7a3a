import type { Fields } from './header-collector.ts';
import { fieldOf, type Part } from './part.ts';
import { parseStructuredValue } from './structured-value.ts';

type Content = Pick<Part, 'type' | 'subtype' | 'parameters' | 'encoding'>;

const TOKEN = "[!#$%&'*+.^_`{|}~\\w-]+";
const MEDIA_TYPE = new RegExp(`^(${TOKEN})/(${TOKEN})$`);
const ENCODING = new RegExp(`^${TOKEN}$`);

/** What a part says it is; RFC 2045, 5.2 for one that says nothing, or nonsense. */
export function describeContent(fields: Fields, context: { readonly inDigest: boolean }): Content {
  const encodingText = fieldOf(fields, 'content-transfer-encoding');
  const named = encodingText === null ? '' : parseStructuredValue(encodingText).value;
  const encoding = ENCODING.test(named) ? named : '7bit';
  const typeText = fieldOf(fields, 'content-type');
  if (typeText === null && context.inDigest) return { type: 'message', subtype: 'rfc822', parameters: [], encoding };
  const { value, parameters } = parseStructuredValue(typeText ?? '');
  const [, type, subtype] = MEDIA_TYPE.exec(value) ?? [];
  if (type === undefined || subtype === undefined) return { ...PLAIN_TEXT, encoding };
  return { type, subtype, parameters, encoding };
}

/** Readable as text, whatever it is: for a multipart in which no part begins. */
export const PLAIN_TEXT = { type: 'text', subtype: 'plain', parameters: [] } as const;
/** For what is nested too deeply to be taken apart. */
export const OPAQUE = { type: 'application', subtype: 'octet-stream', parameters: [] } as const;
