import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { page } from '@cordon/kit/vite';
import { mergeConfig } from 'vite';

const door = process.env.CORDON_PIM ?? 'http://127.0.0.1:8081';

export default mergeConfig(page({ proxy: { '/api': door, '/frame': door } }), {
  cacheDir: '../node_modules/.vite-pim',
  plugins: [pdfAssets()],
});

/** Puts what pdf.js reads at run time beside the page: character maps, fonts, decoders, colour profiles, note icons. */
function pdfAssets() {
  const root = dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json'));
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const folders = { cmaps: 'cmaps', iccs: 'iccs', images: 'web/images', standard_fonts: 'standard_fonts', wasm: 'wasm' };
  const wanted = (folder, name) => {
    if (folder === 'images') return name.startsWith('annotation-');
    return !/quickjs/i.test(name);
  };
  return {
    name: 'pdf-assets',
    apply: 'build',
    generateBundle() {
      for (const [folder, place] of Object.entries(folders)) {
        for (const name of readdirSync(join(root, place)).filter((one) => wanted(folder, one))) {
          const source = readFileSync(join(root, place, name));
          this.emitFile({ type: 'asset', fileName: `assets/pdfjs-${version}/${folder}/${name}`, source });
        }
      }
    },
  };
}
