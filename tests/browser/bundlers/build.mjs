/**
 * One small app, built by each bundler as its own documentation has it.
 *
 * In: the folder of the app, with the package installed in it. Out: `dist/NAME/index.html` there for each of
 * `BUILDS`. What is wrong with a build is said by the page, in the browser.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { build as esbuild } from 'esbuild';
import { rollup } from 'rollup';
import { build as vite } from 'vite';
import webpack from 'webpack';

const app = resolve(process.argv[2]);
process.chdir(app);
const out = (name) => join(app, 'dist', name);

/** esbuild keeps the folder that it was loaded in. */
const inApp = { absWorkingDir: app, bundle: true };

/** Entries whose names are their folders'; those of `esbuild-element` leave the package's files behind. */
const BUILDS = {
  vite: () => vite({ root: app, base: './', logLevel: 'warn', build: { outDir: out('vite') } }),

  webpack: () =>
    new Promise((done, fail) => {
      const output = { path: out('webpack'), filename: 'element.js' };
      const config = { mode: 'production', context: app, entry: './element.js', output };
      webpack(config, (error, stats) => {
        if (error || stats.hasErrors()) fail(error ?? new Error(stats.toString('errors-only')));
        else done();
      });
    }),

  rollup: async () => {
    const bundle = await rollup({ input: 'standalone.js', plugins: [nodeResolve({ browser: true })] });
    await bundle.write({ dir: out('rollup'), format: 'es' });
  },

  esbuild: () => esbuild({ ...inApp, entryPoints: ['standalone.js'], outdir: out('esbuild') }),

  'esbuild-element': () =>
    esbuild({ ...inApp, entryPoints: ['element.js'], format: 'esm', outdir: out('esbuild-element') }),
};

/** Bundlers that take a script write no page. @param {string} name @param {string} tag */
function page(name, tag) {
  const html = readFileSync('index.html', 'utf8');
  mkdirSync(out(name), { recursive: true });
  writeFileSync(
    join(out(name), 'index.html'),
    html.replace('<script type="module" src="element.js"></script>', tag),
  );
}

for (const build of Object.values(BUILDS)) await build();
page('webpack', '<script src="element.js"></script>');
page('rollup', '<script type="module" src="standalone.js"></script>');
page('esbuild', '<script src="standalone.js"></script>');
page('esbuild-element', '<script type="module" src="element.js"></script>');
