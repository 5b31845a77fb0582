import { createPrivateKey } from 'node:crypto';
import { formatDuration, parseDuration } from './duration.ts';

/** How the text of a setting is read. */
export interface SettingType<T> {
  /** What is wanted, to follow "wants": `a port, 1 to 65535`. */
  readonly wants: string;
  /** @returns undefined for a text that is not what is wanted. */
  read(text: string): T | undefined;
}

export const word: SettingType<string> = { wants: 'text', read: (text) => text };

export const host: SettingType<string> = {
  wants: 'a host name, with a port where needed, and nothing else: `github.example.com`',
  read: (text) =>
    /^[A-Za-z0-9.-]+(?::\d{1,5})?$|^\[[0-9a-fA-F:]+\](?::\d{1,5})?$/.test(text) ? text.toLowerCase() : undefined,
};

export const address: SettingType<string> = {
  wants: 'a host name or an IP address to listen on',
  read: (text) => (/^[A-Za-z0-9.:-]+$/.test(text) ? text : undefined),
};

export const secret: SettingType<string> = { wants: 'a secret', read: (text) => text };

/** Secrets for rotation: any of them is good. */
export const secrets: SettingType<readonly string[]> = {
  wants: 'one secret, or several with spaces between them',
  read: (text) => text.split(/\s+/),
};

export const privateKey: SettingType<string> = {
  wants: 'the RSA private key of the app in PEM form, with real or escaped line ends, or the same in base64',
  read: readPrivateKey,
};

export function wholeNumber(min: number, max: number): SettingType<number> {
  return {
    wants: max === Number.MAX_SAFE_INTEGER ? `a whole number, ${min} or more` : `a whole number from ${min} to ${max}`,
    read: (text) => within(/^\d{1,16}$/.test(text) ? Number(text) : undefined, min, max),
  };
}

export function oneOf<const Word extends string>(...words: readonly Word[]): SettingType<Word> {
  return {
    wants: `one of ${words.map((word) => `\`${word}\``).join(', ')}`,
    read: (text) => words.find((word) => word === text.toLowerCase()),
  };
}

/** Milliseconds. */
export function duration(min: number, max: number): SettingType<number> {
  return {
    wants: `a duration from \`${formatDuration(min)}\` to \`${formatDuration(max)}\`, such as \`30s\`, \`5m\` or \`1h\``,
    read: (text) => within(parseDuration(text), min, max),
  };
}

const UNITS = { '': 1, KIB: 1024, MIB: 1024 ** 2, GIB: 1024 ** 3, TIB: 1024 ** 4 } as const;

/** Bytes. */
export function size(min: number): SettingType<number> {
  return {
    wants: `a size of at least \`${formatSize(min)}\`: bytes, or a number with \`KiB\`, \`MiB\`, \`GiB\` or \`TiB\``,
    read: (text) => {
      const [, amount, unit = ''] = /^(\d{1,15}) ?([KMGT]iB)?$/i.exec(text) ?? [];
      const factor = Object.entries(UNITS).find(([name]) => name === unit.toUpperCase())?.[1];
      const bytes = amount === undefined || factor === undefined ? undefined : Number(amount) * factor;
      return within(bytes, min, Number.MAX_SAFE_INTEGER);
    },
  };
}

/** An address without a `/` at its end. */
export function url(wants: string, ...protocols: readonly string[]): SettingType<string> {
  return {
    wants,
    read: (text) => (protocols.includes(URL.parse(text)?.protocol ?? '') ? text.replace(/\/+$/, '') : undefined),
  };
}

/**
 * A private key in any form that environments leave of it: real line ends, `\n` written out, none at all, or base64 of it all.
 * @returns PKCS #8 in PEM form, or undefined when it is no RSA key
 */
export function readPrivateKey(text: string): string | undefined {
  const pem = text.includes('-----BEGIN') ? text : Buffer.from(text, 'base64').toString('latin1');
  const [, label, body] = /-----BEGIN ([A-Z ]+)-----([^-]+)-----END \1-----/.exec(pem) ?? [];
  if (label === undefined || body === undefined) return undefined;
  const lines = body.replaceAll(/\\r|\\n|\s/g, '').match(/.{1,64}/g) ?? [];
  try {
    const key = createPrivateKey([`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n'));
    return key.asymmetricKeyType === 'rsa' ? key.export({ type: 'pkcs8', format: 'pem' }).toString() : undefined;
  } catch {
    return undefined;
  }
}

function formatSize(bytes: number): string {
  const units = Object.entries({ MiB: UNITS.MIB, KiB: UNITS.KIB });
  const [unit, factor] = units.find(([, factor]) => bytes % factor === 0) ?? ['', 1];
  return `${bytes / factor}${unit}`;
}

function within(value: number | undefined, min: number, max: number): number | undefined {
  return value !== undefined && value >= min && value <= max ? value : undefined;
}
