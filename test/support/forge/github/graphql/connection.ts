import { type Arguments, number, text } from './arguments.ts';

/** One page of a Relay connection; cursors are positions. */
export function connection<Item>(items: readonly Item[], args: Arguments, show: (item: Item) => object) {
  const after = text(args, 'after');
  const before = text(args, 'before');
  const first = number(args, 'first');
  const last = number(args, 'last');
  let start = after === undefined ? 0 : position(after) + 1;
  let end = before === undefined ? items.length : position(before);
  if (first !== undefined) end = Math.min(end, start + first);
  if (last !== undefined) start = Math.max(start, end - last);
  const page = items.slice(start, end);
  const nodes = page.map(show);
  return {
    totalCount: items.length,
    nodes,
    edges: nodes.map((node, index) => ({ node, cursor: cursor(start + index) })),
    pageInfo: {
      hasNextPage: end < items.length,
      hasPreviousPage: start > 0,
      startCursor: page.length === 0 ? null : cursor(start),
      endCursor: page.length === 0 ? null : cursor(end - 1),
    },
  };
}

function cursor(index: number): string {
  return Buffer.from(`cursor:${index}`).toString('base64');
}

function position(given: string): number {
  return Number(Buffer.from(given, 'base64').toString().split(':')[1]);
}
