import { errorCodes } from '../../src/domain/errors.ts';
import { page, table } from './markdown.ts';

export function errorsPage(): string {
  const rows = Object.entries(errorCodes).map(([code, { meaning, remedy, transient }]) => [
    `<a id="${code}"></a>\`${code}\``,
    meaning,
    remedy,
    transient ? 'until it passes' : 'a few times, then kept for `tagalong inbox`',
  ]);
  return page('Errors', '`src/domain/errors.ts`', [
    'Every error carries one of these codes, in logs, on the command line and on the forge.',
    table(['Code', 'Meaning', 'What to do', 'Retried'], rows),
  ]);
}
