import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { licences } from './licences.mjs';

/**
 * The Vite settings every page of Cordon shares.
 *
 * The pages run under a Content-Security-Policy without inline scripts, styles or `eval`, so nothing is inlined and no
 * polyfill is injected. The colour function `light-dark()` is lowered for engines that lack it (`cssTarget`).
 *
 * @param {{ proxy?: Record<string, string> }} [options] paths that the development server hands to a running back end
 */
export function page(options = {}) {
  return defineConfig({
    plugins: [svelte(), licences()],
    build: {
      target: 'es2022',
      cssTarget: ['chrome111', 'firefox113', 'safari16.4'],
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      sourcemap: false,
    },
    server: { proxy: options.proxy ?? {} },
  });
}
