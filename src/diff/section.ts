/**
 * For each line of a text that {@link printResource} has made, the keys that the line stands under, outermost first. A line of a
 * scalar that goes over several lines stands under the key of that scalar. By indentation alone, in one pass.
 */
export function pathsAbove(text: string): (readonly string[])[] {
  const open: Node[] = [];
  return text.split('\n').map((line) => {
    const { column, node } = readLine(line);
    if (line.trim() === '' || isText(open.at(-1), column)) return open.at(-1)?.path ?? [];
    while (open.length > 0 && (open.at(-1)?.column ?? 0) >= column) open.pop();
    const above = open.at(-1)?.path ?? [];
    open.push({
      column: node.column,
      path: node.key === undefined ? above : [...above, node.key],
      isScalar: node.isScalar,
    });
    return above;
  });
}

/** What further lines may belong to. */
interface Node {
  /** Of the key, or of the last dash of an item without keys; what is indented more belongs to it. */
  readonly column: number;
  /** Of what stands in it. */
  readonly path: readonly string[];
  /** Its value starts on its line: lines that belong to it are text, whatever they look like. */
  readonly isScalar: boolean;
}

interface Line {
  /** Of the first dash or key. */
  readonly column: number;
  readonly node: { readonly column: number; readonly key?: string; readonly isScalar: boolean };
}

const DASHES = /^( *)((?:- +)*)/;
const KEY = /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'].*?):(?:\s+(.*))?$/;

function readLine(line: string): Line {
  const [prefix = '', spaces = '', dashes = ''] = DASHES.exec(line) ?? [];
  const [, key, value = ''] = KEY.exec(line.slice(prefix.length)) ?? [];
  if (key !== undefined) return { column: spaces.length, node: { column: prefix.length, key, isScalar: value !== '' } };
  return { column: spaces.length, node: { column: spaces.length + dashes.lastIndexOf('-'), isScalar: true } };
}

function isText(around: Node | undefined, column: number): boolean {
  return around?.isScalar === true && column > around.column;
}
