/** What help tells of one command. */
export interface HelpEntry {
  readonly usage: string;
  readonly summary: string;
  readonly needs: 'read' | 'write' | 'admin';
}

/** Every command with who may use it. */
export function helpReply(entries: readonly HelpEntry[], forge: 'github' | 'gitlab'): string {
  const prefix = forge === 'gitlab' ? '/tagalong ' : '/';
  const rows = entries.map(({ usage, summary, needs }) => {
    const written = usage.replace(/^\//, prefix).replaceAll('|', '\\|');
    return `| \`${written}\` | ${needs} | ${summary} |`;
  });
  const form =
    forge === 'gitlab'
      ? 'One a line. The forge keeps bare words such as `/merge` for itself.'
      : 'One a line; `/tagalong hold` works like `/hold`. Quotes and code are not read.';
  return ['| Write | Who | It does |\n| --- | --- | --- |\n' + rows.join('\n'), form].join('\n\n');
}
