/** One page of a list, with the `Link` header that leads to the others. */
export function paginate<Item>(
  items: readonly Item[],
  url: URL,
  { page = 1, per_page: size = 30 }: { page?: number | undefined; per_page?: number | undefined },
): { items: Item[]; headers: Record<string, string> } {
  const perPage = Math.min(Math.max(size, 1), 100);
  const last = Math.max(Math.ceil(items.length / perPage), 1);
  const link = (relation: string, target: number) => {
    const address = new URL(url);
    address.searchParams.set('page', String(target));
    return `<${address.href}>; rel="${relation}"`;
  };
  const links = [
    ...(page > 1 ? [link('prev', page - 1)] : []),
    ...(page < last ? [link('next', page + 1), link('last', last)] : []),
    ...(page > 1 ? [link('first', 1)] : []),
  ];
  const start = (page - 1) * perPage;
  const headers: Record<string, string> = links.length === 0 ? {} : { link: links.join(', ') };
  return { items: items.slice(start, start + perPage), headers };
}
