import { mkdir, readdir, rename, rm, rmdir, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';

const POLL_MS = 200;
let counter = 0;

/**
 * Runs `work` while no other process on this machine holds `directory`. The lock is a folder with one file named after
 * its owner; it appears by a rename, which fails while another owner's file is in it, so that taking it is one atomic step,
 * and so is taking over the lock of a process that is gone.
 */
export async function withLock(directory, work) {
  const owner = `${process.pid}-${++counter}`;
  await acquire(directory, owner);
  try {
    return await work();
  } finally {
    await unlink(path.join(directory, owner)).catch(ignore);
    await rmdir(directory).catch(ignore);
  }
}

async function acquire(directory, owner) {
  const own = `${directory}.${owner}`;
  await mkdir(own, { recursive: true });
  await writeFile(path.join(own, owner), '');
  for (let attempt = 0; ; attempt++) {
    try {
      await rename(own, directory);
      return;
    } catch (error) {
      if (!['ENOTEMPTY', 'EEXIST', 'EPERM', 'EACCES'].includes(error.code)) {
        await rm(own, { recursive: true, force: true });
        throw error;
      }
    }
    const holders = await readdir(directory).catch(() => []);
    for (const holder of holders.filter((name) => !isAlive(name))) {
      await unlink(path.join(directory, holder)).catch(ignore);
    }
    if (attempt === 5) process.stderr.write(`tagalong: waiting for another installation (${directory})\n`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function isAlive(owner) {
  try {
    process.kill(Number.parseInt(owner, 10), 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function ignore() {}
