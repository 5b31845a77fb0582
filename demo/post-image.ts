import { sendGeneric, signGeneric, type Published } from '../test/support/generic-sender.ts';

/** Posts to the generic endpoint, signed, as any CI does at the end of its build. @throws when it is not accepted */
export async function postImage(botUrl: string, published: Published): Promise<void> {
  const response = await sendGeneric(botUrl, signGeneric(published));
  if (response.status !== 202)
    throw new Error(`the generic endpoint answered ${response.status}: ${await response.text()}`);
}
