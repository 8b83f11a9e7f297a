import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Packages whose files reach the bundle through a style sheet, where they are not seen as modules. */
const unseen = ['@fontsource-variable/inter'];

/** A Vite plugin that writes `licences.txt`: the licences of all foreign code and fonts in a build. */
export function licences() {
  return {
    name: 'licences',
    apply: 'build',
    generateBundle() {
      const found = new Map();
      for (const id of this.getModuleIds()) {
        const root = rootOf(id);
        if (root) found.set(root, licenceIn(root));
      }
      for (const name of unseen) {
        const root = rootOf(join(import.meta.dirname, '../node_modules', name, 'package.json'));
        if (root) found.set(root, licenceIn(root));
      }
      const parts = [...found.values()].filter(Boolean).sort();
      this.emitFile({ type: 'asset', fileName: 'licences.txt', source: parts.join(`\n\n${'-'.repeat(80)}\n\n`) });
    },
  };
}

const roots = new Map();

function rootOf(id) {
  if (!roots.has(dirname(id))) roots.set(dirname(id), findRoot(id));
  return roots.get(dirname(id));
}

function findRoot(id) {
  const [path] = id.replace(/^\0/, '').split('?');
  if (!path.includes('/node_modules/')) return null;

  let folder = dirname(path);
  while (folder.includes('/node_modules/')) {
    const file = join(folder, 'package.json');
    if (existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).version) return folder;
    folder = dirname(folder);
  }
  return null;
}

function licenceIn(root) {
  const { name, version, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const file = readdirSync(root).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? readFileSync(join(root, file), 'utf8').trim() : '';
  return `${name} ${version} (${license})\n\n${text}`.trim();
}
