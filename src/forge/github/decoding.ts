import { z } from 'zod';
import type { Person } from '../../domain/change.ts';
import type { Event } from '../../domain/event.ts';
import type { RepositoryRef } from '../../domain/repository.ts';
import type { Decoded } from '../../intake/receiver.ts';

/** Where a GitHub is on the web: its packages and the links in them follow from it. */
export interface GitHubSite {
  /** `https://github.com`, or the address of a GitHub Enterprise Server. */
  readonly webUrl: string;
  /** The bot's own app, where it is known: its own checks are no news to it. */
  readonly appId?: number;
}

export const publicGitHub: GitHubSite = { webUrl: 'https://github.com' };

export type Decoder = (payload: unknown, site: GitHubSite) => Decoded;

/** Checks the shape before `decode` sees the payload. The schema is asked for late, so that it can stand below its use. */
export function shaped<T>(
  schema: () => z.ZodType<T>,
  decode: (payload: T, site: GitHubSite, raw: unknown) => readonly Event[],
): Decoder {
  return (payload, site) => {
    const parsed = schema().safeParse(payload);
    if (parsed.success) return { ok: true, events: decode(parsed.data, site, payload) };
    const [issue] = parsed.error.issues;
    const path = issue?.path.join('.') ?? '';
    return { ok: false, reason: `${path === '' ? 'the body' : path}: ${issue?.message ?? 'wrong shape'}` };
  };
}

export function passOver(name: string): Decoded {
  return { ok: true, events: [ignored(`nothing follows from the event ${name.slice(0, 60)}`)] };
}

export function ignored(reason: string): Event {
  return { kind: 'ignored', reason };
}

export const repository = z.object({ full_name: z.string() });

export function refOf({ full_name: path }: z.infer<typeof repository>): RepositoryRef {
  return { forge: 'github', path };
}

/** null once the account is deleted. */
export const account = z.object({ login: z.string(), type: z.string().nullish() }).nullish();

export function personOf(user: z.infer<typeof account>): Person {
  return { login: user?.login ?? 'ghost', isBot: user?.type === 'Bot' };
}
