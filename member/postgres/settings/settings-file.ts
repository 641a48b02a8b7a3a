/** Renders settings as PostgreSQL reads them: every value quoted, quotes doubled, one a line. */
export function renderSettings(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${settingName(name)} = '${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'\n`)
    .join('');
}

function settingName(name: string): string {
  // A name with a line break would smuggle in a setting of its own.
  if (!/^[A-Za-z_][A-Za-z0-9_.]*$/.test(name))
    throw new RangeError(`not the name of a setting: ${JSON.stringify(name)}`);
  return name;
}
