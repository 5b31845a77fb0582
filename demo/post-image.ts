import { createHmac } from 'node:crypto';
import { GENERIC_SECRET } from '../test/support/bot-process.ts';

/** What any CI sends at the end of its build; `docs/intake.md` has the same as one line of `curl`. */
export interface Published {
  readonly image: string;
  readonly commit: string;
  readonly repository: string;
}

/** Posts to the generic endpoint, signed. @throws when it is not accepted */
export async function postImage(botUrl: string, published: Published): Promise<void> {
  const body = JSON.stringify(published);
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHmac('sha256', GENERIC_SECRET).update(`${timestamp}.${body}`).digest('hex');
  const response = await fetch(`${botUrl}/webhooks/images/generic`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-tagalong-timestamp': timestamp,
      'x-tagalong-signature': `sha256=${signature}`,
    },
    body,
  });
  if (response.status !== 202)
    throw new Error(`the generic endpoint answered ${response.status}: ${await response.text()}`);
}
