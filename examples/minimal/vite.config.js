import { defineConfig } from 'vite';

export default defineConfig({
  // The package finds its worker and wasm modules beside itself; Vite's bundling of dependencies in
  // development would move it away from them. A production build needs no setting for that.
  optimizeDeps: { exclude: ['videosphere'] },
});
