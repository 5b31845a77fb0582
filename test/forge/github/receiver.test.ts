import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createReceiver } from '../../../src/forge/github/receiver.ts';
import { push, sign, webhook } from './webhooks.ts';

const SECRET = 'it is a secret';
const NOW = new Date('2026-01-01T00:00:00Z');

function receiver(webhookSecret: string | string[] = SECRET, learn: (payload: unknown) => void = () => undefined) {
  return createReceiver({ webhookSecret, webUrl: 'https://github.com', learn });
}

describe("GitHub's receiver", () => {
  test('believes what is signed with a secret of the app, the old one too while it is being changed', async () => {
    const request = webhook('push', push(), SECRET);
    expect(await receiver().authenticate(request, NOW)).toEqual({ ok: true });
    expect(await receiver(['new', SECRET]).authenticate(request, NOW)).toEqual({ ok: true });
  });

  test.each<[string, Record<string, string>]>([
    ['no signature', {}],
    ['an empty one', { 'x-hub-signature-256': '' }],
    ['the old kind alone', { 'x-hub-signature': 'sha1=0' }],
    ['a wrong one', { 'x-hub-signature-256': sign(Buffer.from('{}'), SECRET) }],
    ['a cut one', { 'x-hub-signature-256': 'sha256=' }],
    ['one made with another secret', { 'x-hub-signature-256': sign(webhook('push', push()).body, 'other') }],
  ])('believes nothing with %s', async (_name, signature) => {
    const { body, headers } = webhook('push', push());
    expect(await receiver().authenticate({ body, headers: { ...headers, ...signature } }, NOW)).toMatchObject({
      ok: false,
    });
  });

  test('believes no empty body, signed or not', async () => {
    const headers = { 'x-hub-signature-256': sign(Buffer.alloc(0), SECRET) };
    expect(await receiver().authenticate({ body: Buffer.alloc(0), headers }, NOW)).toMatchObject({ ok: false });
  });

  test('believes no body of which a byte was changed', async () => {
    const request = webhook('push', push(), SECRET);
    const flip = fc.tuple(fc.nat(request.body.length - 1), fc.integer({ min: 1, max: 255 }));
    await fc.assert(
      fc.asyncProperty(flip, async ([at, bits]) => {
        const body = Buffer.from(request.body);
        body[at] = (body[at] ?? 0) ^ bits;
        expect(await receiver().authenticate({ ...request, body }, NOW)).toMatchObject({ ok: false });
      }),
    );
  });

  test('will not start without a secret', () => {
    expect(() => receiver('')).toThrow(expect.objectContaining({ code: 'settings-invalid' }));
    expect(() => receiver([])).toThrow(expect.objectContaining({ code: 'settings-invalid' }));
  });

  test('lets the payload be learnt from, and decodes it', () => {
    const learnt: unknown[] = [];
    const decoded = receiver(SECRET, (payload) => learnt.push(payload)).decode(webhook('push', push()));
    expect(decoded).toMatchObject({ ok: true, events: [{ kind: 'branch-pushed' }] });
    expect(learnt).toEqual([push()]);
  });
});
