import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

// The console and the API viewer are pages of one build, so that they share styles and chunks.
export default defineConfig({
  base: '/console/',
  publicDir: false,
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  build: {
    target: 'es2022',
    // The policy allows no inline script, and data: only for pictures of articles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2000,
    rollupOptions: { input: ['index.html', 'docs.html', 'frame.html'].map(name => fileURLToPath(new URL(name, import.meta.url))) },
  },
  worker: { format: 'es' },
  server: {
    proxy: Object.fromEntries(['/knowledge', '/oauth2', '/metrics', '/openapi.yaml', '/console/config.json'].map(path => [path, process.env.WAYBILL_URL ?? 'http://127.0.0.1:8080'])),
  },
});
