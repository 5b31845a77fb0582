import { block, pass, type Rule } from '../rule.ts';
import type { Snapshot } from '../snapshot.ts';
import { because } from '../words.ts';

/** The version that it brings is not one that a pin keeps out. */
export const pin: Rule = {
  name: 'pin',
  triggers: ['head', 'steering', 'time'],
  evaluate: (snapshot) => {
    const { bump, pin } = snapshot;
    if (bump === undefined || pin === undefined || !isInForce(snapshot)) return [pass('No pin is in its way')];
    if (isVersion(bump.to, pin.version)) return [pass(`It brings ${pin.version}, as pinned by @${pin.by}`)];
    const { environment, image, to } = bump;
    return [
      block(
        `${image} is pinned to ${pin.version} by @${pin.by}${because(pin.reason)}; this brings ${to}`,
        'End the pin: /unpin',
        { environment },
      ),
    ];
  },
  changesAt: (snapshot) =>
    snapshot.pin?.until !== undefined && isInForce(snapshot) ? [new Date(snapshot.pin.until)] : [],
};

function isInForce({ at, pin }: Snapshot): boolean {
  return !(pin?.until !== undefined && Date.parse(pin.until) <= Date.parse(at));
}

/** Equal, where both tell a digest; else of the same tag. */
function isVersion(a: string, b: string): boolean {
  const [[tagA, digestA], [tagB, digestB]] = [a.split('@'), b.split('@')];
  return tagA === tagB && (digestA === undefined || digestB === undefined || digestA === digestB);
}
