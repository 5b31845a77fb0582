import { notFound } from '../world/refusal.ts';
import { requireAccess, type Needs } from '../world/tokens.ts';
import type { Label, Node, PullRequest, Repository } from '../world/model.ts';
import type { GraphQLContext } from './execute.ts';

/** Field resolvers get arguments that the schema has checked, as a plain record. */
export type Arguments = Readonly<Record<string, unknown>>;

export function text(args: Arguments, name: string): string | undefined {
  const value = args[name];
  return typeof value === 'string' ? value : undefined;
}

/** For what the schema requires. */
export function requiredText(args: Arguments, name: string): string {
  return text(args, name) ?? '';
}

export function number(args: Arguments, name: string): number | undefined {
  const value = args[name];
  return typeof value === 'number' ? value : undefined;
}

export function flag(args: Arguments, name: string): boolean | undefined {
  const value = args[name];
  return typeof value === 'boolean' ? value : undefined;
}

export function list(args: Arguments, name: string): readonly unknown[] {
  const value: unknown = args[name];
  return Array.isArray(value) ? value : [];
}

export function texts(args: Arguments, name: string): readonly string[] {
  return list(args, name).filter((item) => typeof item === 'string');
}

export function input(args: Arguments, name = 'input'): Arguments {
  return asArguments(args[name]);
}

export function asArguments(value: unknown): Arguments {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** @throws Refusal as GitHub answers for an id that leads nowhere, or to what the caller may not see */
export function nodeById(context: GraphQLContext, id: string): Node {
  const node = context.world.nodes.get(id);
  if (node === undefined) throw notFound(`Could not resolve to a node with the global id of '${id}'`);
  return node;
}

export function repositoryById(context: GraphQLContext, id: string, needs: Needs): Repository {
  const node = nodeById(context, id);
  if (node.kind !== 'repository') throw notFound(`Could not resolve to Repository node with the global id of '${id}'`);
  requireAccess(context.world, context.credentials, node, needs);
  return node;
}

export function pullById(context: GraphQLContext, id: string, needs: Needs): PullRequest {
  const node = nodeById(context, id);
  if (node.kind !== 'pull') throw notFound(`Could not resolve to PullRequest node with the global id of '${id}'`);
  requireAccess(context.world, context.credentials, node.repository, needs);
  return node;
}

export function labelById(context: GraphQLContext, id: string): Label {
  const node = nodeById(context, id);
  if (node.kind !== 'label') throw notFound(`Could not resolve to Label node with the global id of '${id}'`);
  return node;
}
