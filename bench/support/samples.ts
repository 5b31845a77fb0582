/** The middle of the samples, the mean of both middle ones where their number is even. @throws when there are none */
export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? at(sorted, middle) : (at(sorted, middle - 1) + at(sorted, middle)) / 2;
}

/** The smallest sample that 99 % are not above (nearest rank): of fewer than a hundred it is the greatest. */
export function p99(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return at(sorted, Math.ceil(sorted.length * 0.99) - 1);
}

function at(sorted: readonly number[], index: number): number {
  const sample = sorted[index];
  if (sample === undefined) throw new Error('there are no samples');
  return sample;
}
