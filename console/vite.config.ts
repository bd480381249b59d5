/** Build of the console: one static folder under /console/, no inline script, Element Plus taken component by component. */
import { fileURLToPath } from 'node:url';
import vue from '@vitejs/plugin-vue';
import { ElementPlusResolver } from 'unplugin-vue-components/resolvers';
import Components from 'unplugin-vue-components/vite';
import { defineConfig } from 'vite';

const server = process.env['HUIKE_SERVER'] ?? 'http://127.0.0.1:3000';

// The one default export of the console: Vite asks for it.
export default defineConfig(({ command }) => ({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/console/',
  // The list of components for the type checker is written while developing; a build leaves the sources as they are.
  plugins: [
    vue(),
    Components({ dirs: [], resolvers: [ElementPlusResolver()], dts: command === 'serve' && 'src/components.d.ts' }),
  ],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  // No data: URLs for assets, so that the content security policy can stay short.
  build: { outDir: 'dist', emptyOutDir: true, target: 'es2022', assetsInlineLimit: 0, chunkSizeWarningLimit: 700 },
  worker: { format: 'es' },
  server: { proxy: { '/console/v1': { target: server, changeOrigin: false } } },
}));
