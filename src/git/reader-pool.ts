import { ObjectReader } from './object-reader.ts';
import type { GitPlace } from './process.ts';

/** Makes object readers of which only so many keep a process while they have no work: those that began one last. */
export function createReaderPool(limits: { idleMs: number; processes: number }): (place: GitPlace) => ObjectReader {
  const running = new Set<ObjectReader>();
  const onStart = (reader: ObjectReader): void => {
    running.add(reader);
    const idle = [...running].filter((other) => other !== reader && other.isIdle);
    for (const other of idle.slice(0, Math.max(0, running.size - limits.processes))) other.stop();
  };
  const onStop = (reader: ObjectReader): void => {
    running.delete(reader);
  };
  return (place) => new ObjectReader({ place, idleMs: limits.idleMs, onStart, onStop });
}
