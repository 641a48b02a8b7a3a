/**
 * Renders options as mariadbd and mysqld read them (`--defaults-file`): one a line, every value quoted, as a number sign would begin
 * a comment. Of the same option given twice the last counts.
 * @throws RangeError for what the format cannot say
 */
export function renderOptions(options: Readonly<Record<string, string>>, group = 'mysqld'): string {
  return `[${group}]\n${Object.entries(options)
    .map(([name, value]) => `${optionName(name)} = "${optionValue(value)}"\n`)
    .join('')}`;
}

function optionName(name: string): string {
  // A name with a line break would smuggle in an option of its own.
  if (!/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name))
    throw new RangeError(`not the name of an option: ${JSON.stringify(name)}`);
  return name;
}

function optionValue(value: string): string {
  // There is no way to write a quotation mark in quotes.
  if (/["\r\n\0]/.test(value)) throw new RangeError(`not the value of an option: ${JSON.stringify(value)}`);
  return value.replaceAll('\\', '\\\\');
}
