/**
 * Draws terminal output (with SGR colours) as an SVG: text stays text, one `<text>` a line, a monospaced font. Knows the
 * codes the narrator uses; others are left out.
 */
const COLOURS: Readonly<Record<string, string>> = {
  '31': '#ff7b72',
  '32': '#7ee787',
  '33': '#e3b341',
  '36': '#79c0ff',
  '2': '#8b949e',
};
const FOREGROUND = '#e6edf3';
const BACKGROUND = '#0d1117';
const CELL = { width: 8.4, height: 19 } as const;
const MARGIN = 16;
const FONT_SIZE = 14;

type Style = { readonly colour: string; readonly bold: boolean };
const PLAIN: Style = { colour: FOREGROUND, bold: false };

export function terminalToSvg(output: string, title: string): string {
  const lines = output.replace(/\n+$/, '').split('\n');
  const columns = Math.max(...lines.map((line) => visibleLength(line)));
  const width = Math.ceil(columns * CELL.width + 2 * MARGIN);
  const height = lines.length * CELL.height + 2 * MARGIN;
  const body = lines.map((line, row) => textLine(line, MARGIN + FONT_SIZE + row * CELL.height)).join('\n');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect width="100%" height="100%" rx="8" fill="${BACKGROUND}"/>`,
    `<g font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${FONT_SIZE}" xml:space="preserve">`,
    body,
    '</g>',
    '</svg>\n',
  ].join('\n');
}

function textLine(line: string, y: number): string {
  let style = PLAIN;
  let column = 0;
  const spans: string[] = [];
  // Odd pieces are the parameters of an escape sequence, even ones the text between.
  const pieces = line.split(new RegExp(`${String.fromCharCode(27)}\\[([0-9;]*)m`));
  pieces.forEach((piece, index) => {
    if (index % 2 === 1) style = restyle(style, piece);
    else if (piece !== '') {
      const weight = style.bold ? ' font-weight="bold"' : '';
      spans.push(
        `<tspan x="${(MARGIN + column * CELL.width).toFixed(1)}" fill="${style.colour}"${weight}>${escapeXml(piece)}</tspan>`,
      );
      column += [...piece].length;
    }
  });
  return `<text y="${y}">${spans.join('')}</text>`;
}

/** `22` ends bold and faint alike; faint is drawn as a colour, so both go. */
function restyle(style: Style, parameters: string): Style {
  let next = style;
  for (const code of parameters.split(';')) {
    if (code === '39') next = { colour: FOREGROUND, bold: next.bold };
    else if (code === '1') next = { colour: next.colour, bold: true };
    else if (code === '' || code === '0' || code === '22') next = PLAIN;
    else next = { colour: COLOURS[code] ?? next.colour, bold: next.bold };
  }
  return next;
}

const visibleLength = (line: string): number =>
  [...line.replace(new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g'), '')].length;

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
