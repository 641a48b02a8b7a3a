const REDACTED = '[redacted]';

/** What gives a secret away by its form, wherever it stands. */
const FORMS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g, REDACTED],
  // JSON Web Tokens and signatures (RFC 7515): they begin with `{"`, in base64url.
  [/\beyJ[\w-]{6,}\.[\w-]*\.[\w-]*/g, REDACTED],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, `$1 ${REDACTED}`],
  // scheme://user:password@host
  [/([a-z][a-z0-9+.-]*:\/\/[^\s:@/]*:)[^\s@/]+@/gi, `$1${REDACTED}@`],
  // What a client says to sign in (RFC 9051, 6.2).
  [/\b(LOGIN\s+(?:"(?:[^"\\]|\\.)*"|\S+)\s+)(?:"(?:[^"\\]|\\.)*"|\S+)/g, `$1${REDACTED}`],
  [/\b(AUTHENTICATE\s+"?[A-Z0-9-]+"?\s+)\S+/g, `$1${REDACTED}`],
  // password=…, "adminToken": "…", \"token\":\"…\" in JSON within JSON.
  [
    /((?:password|passwd|passphrase|token|secret|authorization|cookie|private_?key|api_?key)\\?["']?\s*[:=]\s*)(?:\\?"(?:[^"\\]|\\(?!").)*\\?"|'[^']*'|[^\s,;}&"']+)/gi,
    `$1${REDACTED}`,
  ],
];

/** The text without passwords, tokens and keys. */
export function redactText(text: string): string {
  return FORMS.reduce((rest, [form, instead]) => rest.replace(form, instead), text);
}
