import fc from 'fast-check';
import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createGenericReceiver, decodeGeneric } from '../../src/intake/images/generic.ts';
import type { RawRequest } from '../../src/intake/receiver.ts';

const now = new Date('2024-11-02T10:00:00Z');
const seconds = String(now.getTime() / 1000);
const receiver = createGenericReceiver({ secrets: ['new secret', 'old secret'] });
const digest = `sha256:${'a1'.repeat(32)}`;

function signed(body: string, { secret = 'new secret', timestamp = seconds } = {}): RawRequest {
  const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
  return {
    body: Buffer.from(body),
    headers: { 'x-tagalong-timestamp': timestamp, 'x-tagalong-signature': `sha256=${signature}` },
  };
}

function decode(value: unknown) {
  return decodeGeneric({ body: Buffer.from(JSON.stringify(value)), headers: {} });
}

describe('who sent it', () => {
  test.each([
    ['the first secret', signed('{}')],
    ['a second secret, while one is replaced', signed('{}', { secret: 'old secret' })],
    ['a clock that is five minutes late', signed('{}', { timestamp: String(Number(seconds) - 300) })],
    ['a clock that is five minutes early', signed('{}', { timestamp: String(Number(seconds) + 300) })],
    ['hex digits in upper case', upperCase(signed('{}'))],
  ])('is proved with %s', async (_, request) => {
    expect(await receiver.authenticate(request, now)).toEqual({ ok: true });
  });

  test.each([
    ['a secret of somebody else', signed('{}', { secret: 'other' }), 'the signature fits no secret'],
    ['another body', { ...signed('{}'), body: Buffer.from('{ }') }, 'the signature fits no secret'],
    [
      'another time',
      withHeaders(signed('{}'), { 'x-tagalong-timestamp': String(Number(seconds) + 1) }),
      'the signature',
    ],
    ['an old request', signed('{}', { timestamp: String(Number(seconds) - 301) }), 'more than 300 seconds away'],
    [
      'a request of the future',
      signed('{}', { timestamp: String(Number(seconds) + 301) }),
      'more than 300 seconds away',
    ],
    ['no time', withHeaders(signed('{}'), { 'x-tagalong-timestamp': undefined }), 'x-tagalong-timestamp holds no'],
    ['a time in words', signed('{}', { timestamp: '2024-11-02' }), 'x-tagalong-timestamp holds no'],
    ['a time with a sign', signed('{}', { timestamp: '-1' }), 'x-tagalong-timestamp holds no'],
    ['no signature', withHeaders(signed('{}'), { 'x-tagalong-signature': undefined }), 'x-tagalong-signature holds no'],
    [
      'half a signature',
      withHeaders(signed('{}'), { 'x-tagalong-signature': 'sha256=ab' }),
      'x-tagalong-signature holds',
    ],
    ['another hash', withHeaders(signed('{}'), { 'x-tagalong-signature': `sha1=${'a'.repeat(64)}` }), 'holds no'],
  ])('is not proved with %s', async (_, request, reason) => {
    expect(await receiver.authenticate(request, now)).toEqual({
      ok: false,
      reason: expect.stringContaining(reason) as unknown,
    });
  });

  test('is never believed when one bit of the request is different', async () => {
    const request = signed('{"image":"nginx:1.27"}');
    const { length } = request.body;
    await fc.assert(
      fc.asyncProperty(fc.nat(length - 1), fc.nat(7), async (at, bit) => {
        const body = Buffer.from(request.body);
        body.writeUInt8(body.readUInt8(at) ^ (1 << bit), at);
        expect(await receiver.authenticate({ ...request, body }, now)).toMatchObject({ ok: false });
      }),
    );
  });
});

describe('what it says', () => {
  test.each([
    [{ image: 'nginx:1.27' }, { image: 'docker.io/library/nginx', tag: '1.27' }],
    [
      { image: 'nginx', tag: '1.27' },
      { image: 'docker.io/library/nginx', tag: '1.27' },
    ],
    [
      { image: 'nginx:1.27', tag: '1.27' },
      { image: 'docker.io/library/nginx', tag: '1.27' },
    ],
    [{ image: `ghcr.io/acme/shop:1@${digest}` }, { image: 'ghcr.io/acme/shop', tag: '1', digest }],
    [
      { image: 'ghcr.io/acme/shop', tag: '1', digest },
      { image: 'ghcr.io/acme/shop', tag: '1', digest },
    ],
    [
      { image: 'registry:5000/a/b:1', commit: 'ABCDEF1', repository: 'acme/shop', branch: 'feature/x' },
      {
        image: 'registry:5000/a/b',
        tag: '1',
        provenance: { commit: 'abcdef1', repository: 'acme/shop', branch: 'feature/x' },
      },
    ],
    [
      { image: 'nginx:1', digest: '', commit: '', repository: '', branch: '' },
      { image: 'docker.io/library/nginx', tag: '1' },
    ],
    [
      { image: 'nginx:1', branch: 'main' },
      { image: 'docker.io/library/nginx', tag: '1' },
    ],
  ])('%j', (body, event) => {
    expect(decode(body)).toEqual({ ok: true, events: [{ kind: 'image-published', ...event }] });
  });

  test.each([
    [{}, 'image: '],
    [[], 'expected object'],
    [null, 'expected object'],
    [{ image: 'Nginx:1' }, 'image: is no image reference'],
    [{ image: 'nginx' }, 'tag: is missing'],
    [{ image: 'nginx', tag: '' }, 'tag: is missing'],
    [{ image: `nginx@${digest}` }, 'tag: is missing'],
    [{ image: 'nginx:1', tag: '2' }, 'tag: is not the one that stands in image'],
    [{ image: `nginx:1@${digest}`, digest: digest.replace('a1', 'b2') }, 'digest: is not the one'],
    [{ image: 'nginx', tag: 'a b' }, 'tag: is no tag'],
    [{ image: 'nginx', tag: 1 }, 'tag: '],
    [{ image: 'nginx:1', digest: 'a1a1' }, 'digest: is no digest'],
    [{ image: 'nginx:1', commit: 'main' }, 'commit: is no commit hash'],
    [{ image: 'nginx:1', sha: 'abcdef1' }, '"sha"'],
  ])('%j is refused: %s', (body, reason) => {
    expect(decode(body)).toEqual({ ok: false, reason: expect.stringContaining(reason) as unknown });
  });

  test.each([
    ['', 'the body is empty'],
    ['image=nginx:1', 'the body is not JSON'],
    ['{"image":"nginx:1"', 'the body is not JSON'],
  ])('%j is refused: %s', (text, reason) => {
    expect(decodeGeneric({ body: Buffer.from(text), headers: {} })).toEqual({ ok: false, reason });
  });

  test('bytes that are no UTF-8 are refused', () => {
    const body = Buffer.concat([Buffer.from('{"image":"nginx:'), Buffer.from([0xff]), Buffer.from('"}')]);
    expect(decodeGeneric({ body, headers: {} })).toEqual({ ok: false, reason: 'the body is not JSON' });
  });

  test('anything at all is decoded or refused, and never thrown', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.record({ image: fc.string(), tag: fc.string() })), (value) => {
        expect(decode(value)).toHaveProperty('ok');
      }),
    );
  });
});

describe('the delivery', () => {
  test('is the same when it is sent again as it was', () => {
    const request = signed('{"image":"nginx:1"}');
    const [first, second] = [receiver.decode(request), receiver.decode(request)];
    expect(first).toMatchObject({ ok: true, deliveryId: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown });
    expect(second).toEqual(first);
  });

  test('is another one at another time', () => {
    const ids = ['1', '2'].map((timestamp) => receiver.decode(signed('{"image":"nginx:1"}', { timestamp })));
    expect(ids[0]).not.toEqual(ids[1]);
  });
});

test('the signature that openssl makes in a shell is understood', async () => {
  const body = '{"image":"ghcr.io/acme/shop:1.2.3"}';
  const script = 'printf %s "$TIMESTAMP.$BODY" | openssl dgst -sha256 -hmac "$SECRET" | sed "s/^.* //"';
  const { stdout } = await promisify(execFile)('sh', ['-c', script], {
    env: { ...process.env, TIMESTAMP: seconds, BODY: body, SECRET: 'new secret' },
  });
  const request = withHeaders(signed(body), { 'x-tagalong-signature': `sha256=${stdout.trim()}` });
  expect(await receiver.authenticate(request, now)).toEqual({ ok: true });
});

function withHeaders(request: RawRequest, headers: RawRequest['headers']): RawRequest {
  return { ...request, headers: { ...request.headers, ...headers } };
}

function upperCase(request: RawRequest): RawRequest {
  const signature = request.headers['x-tagalong-signature'] ?? '';
  return withHeaders(request, {
    'x-tagalong-signature': signature.replace(/[a-f]/g, (digit) => digit.toUpperCase()).replace('shA256', 'sha256'),
  });
}
