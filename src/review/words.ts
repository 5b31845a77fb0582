/** `@alice, @bob and 3 more`: names with what joins the last two, cut to what a person reads. */
export function listed(names: readonly string[], joint: 'and' | 'or', limit = 5): string {
  const shown = names.slice(0, limit);
  const more = names.length - shown.length;
  if (more > 0) return `${shown.join(', ')} ${joint} ${more} more`;
  const last = shown.at(-1) ?? 'nobody';
  return shown.length < 2 ? last : `${shown.slice(0, -1).join(', ')} ${joint} ${last}`;
}

/** `1 approval`, `2 approvals` */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

export function atNames(logins: readonly string[]): string[] {
  return logins.map((login) => `@${login}`);
}

/** `: because`, or nothing where there is no reason. */
export function because(reason: string | undefined): string {
  return reason === undefined || reason === '' ? '' : `: ${reason}`;
}
