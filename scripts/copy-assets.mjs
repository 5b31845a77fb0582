/** Puts beside the compiled code what it reads at run time and the compiler leaves out. */
import { chmodSync, copyFileSync, cpSync, existsSync, statSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const dist = path.join(root, 'dist');

for (const file of ['package.json', 'app.yml']) copyFileSync(path.join(root, file), path.join(dist, file));
cpSync(path.join(root, 'src'), path.join(dist, 'src'), {
  recursive: true,
  filter: (source) => statSync(source).isDirectory() || !source.endsWith('.ts'),
});
const cli = path.join(dist, 'src', 'cli.js');
if (existsSync(cli)) chmodSync(cli, 0o755);
