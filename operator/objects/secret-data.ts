/** `data` of a Secret. Not `stringData`: the API server never gives that back, so that it would always seem to differ. */
export const secretData = (files: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(files)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, text]) => [name, Buffer.from(text, 'utf8').toString('base64')]),
  );

/** One document as a file of a Secret. */
export const jsonFile = (value: unknown): string => `${JSON.stringify(value)}\n`;
