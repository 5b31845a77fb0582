import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

const LEVEL_STYLES: Readonly<Record<string, Style>> = {
  trace: 'gray',
  debug: 'gray',
  info: 'green',
  warn: 'yellow',
  error: 'red',
  fatal: 'magenta',
};

/** One line of the JSON log as a line for people: `10:30:00 INFO  delivery accepted sender=generic woken=2`. */
export function prettyLine(line: string, color: boolean): string {
  const record = parseRecord(line);
  if (record === undefined) return line;
  const { level, time, msg, err, ...fields } = record;
  const name = String(level);
  const paint = (style: Style, text: string) => (color ? styleText(style, text, { validateStream: false }) : text);
  const parts = [
    paint('gray', String(time).slice(11, 19)),
    paint(LEVEL_STYLES[name] ?? 'reset', name.toUpperCase().padEnd(5)),
    ...(typeof msg === 'string' ? [msg] : []),
    ...Object.entries(fields).map(([key, value]) => paint('gray', `${silent(key)}=`) + silent(formatValue(value))),
  ];
  return `${parts.join(' ')}\n${formatError(err)}`;
}

function parseRecord(line: string): Record<string, unknown> | undefined {
  try {
    const record: unknown = JSON.parse(line);
    return typeof record === 'object' && record !== null ? { ...record } : undefined;
  } catch {
    return undefined;
  }
}

function formatValue(value: unknown): string {
  return typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}

function formatError(err: unknown): string {
  if (typeof err !== 'object' || err === null) return '';
  const { stack, message, code, cause }: Record<string, unknown> = { ...err };
  const text = typeof stack === 'string' ? stack : String(message);
  const words = typeof code === 'string' ? `[${code}] ${text}` : text;
  const lines = words.split('\n').map((line) => `    ${silent(line)}\n`);
  return lines.join('') + (cause === undefined ? '' : `    caused by\n${formatError(cause)}`);
}

/** Control characters, and those that reorder text, by their numbers: others wrote them, and a terminal would obey. */
function silent(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}]/gu,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}
