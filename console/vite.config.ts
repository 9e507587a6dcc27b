import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** Builds the care team's page into console/dist, or wherever --outDir says. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    // Evergreen browsers of the last two years: what a clinic's managed computers have.
    target: 'es2022',
    // The page's content security policy allows no inline code and no data addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
