/** One command of a page: its words, and whether it stands in a block of its own, to be typed as it is. */
export type ShellCommand = { readonly words: readonly string[]; readonly whole: boolean };

const BLOCK = /^ *```(\w*)\n(.*?)^ *```$/gms;
/** A block of output may be among them: its lines begin with no program of ours. */
const OF_A_SHELL = ['', 'sh', 'bash', 'console'];
const INLINE = /`([^`\n]+)`/g;

/** What a page of Markdown tells people to type. */
export function shellCommands(text: string): readonly ShellCommand[] {
  const shell = [...text.matchAll(BLOCK)].filter(([, language = '']) => OF_A_SHELL.includes(language));
  const blocks = shell.flatMap(([, , body = '']) => commandsOf(body, true));
  const prose = text.replaceAll(BLOCK, '');
  const spans = [...prose.matchAll(INLINE)].flatMap(([, body = '']) => commandsOf(body, false));
  return [...blocks, ...spans];
}

function commandsOf(body: string, whole: boolean): readonly ShellCommand[] {
  return body
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .map((line) => line.replace(/^\s*\$ /, '').replace(/(^|\s)#(\s.*)?$/, ''))
    .flatMap((line) => separated(shellWords(line)))
    .filter((words) => words.length > 0)
    .map((words) => ({ words, whole }));
}

const SEPARATORS = ['|', '&&', '||', ';', 'do', '>'];

function separated(words: readonly string[]): readonly (readonly string[])[] {
  const at = words.findIndex((word) => SEPARATORS.includes(word));
  return at < 0 ? [words] : [words.slice(0, at), ...separated(words.slice(at + 1))];
}

/** Words as a shell splits them, quotes taken away, nothing expanded; `;` is a word of its own. */
export function shellWords(line: string): readonly string[] {
  const parts = line.matchAll(/(?:"[^"]*"|'[^']*'|[^\s;"'])+|;/g);
  return [...parts].map(([word]) => word.replaceAll(/"([^"]*)"|'([^']*)'/g, '$1$2'));
}
