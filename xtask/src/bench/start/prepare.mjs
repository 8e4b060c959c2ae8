/**
 * The scripts of `cargo xtask bench start` as a site serves them: one minified script a page, and all
 * that compresses beside its brotli form.
 *
 * In: the repository's folder and where to put things. Out: `three.js`, `bare.js`, `aframe.min.js`,
 * `hls.min.js`, `dist/`, each with its `.br`.
 */
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { rolldown } from 'rolldown';

const [root, folder] = process.argv.slice(2);

for (const name of ['three', 'bare']) {
  const bundled = await rolldown({
    input: join(root, 'benches/start', `${name}.js`),
    platform: 'browser',
    // The light build of hls.js names the parts that it lacks.
    logLevel: 'warn',
  });
  await bundled.write({ file: join(folder, `${name}.js`), format: 'esm', minify: true });
}
const modules = join(root, 'node_modules');
cpSync(join(modules, 'aframe/dist/aframe-v1.8.0.min.js'), join(folder, 'aframe.min.js'));
cpSync(join(modules, 'hls.js/dist/hls.min.js'), join(folder, 'hls.min.js'));
rmSync(join(folder, 'dist'), { recursive: true, force: true });
cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true });

for (const name of readdirSync(folder, { recursive: true })) {
  if (!/\.(js|wasm)$/.test(name)) continue;
  const file = join(folder, name);
  writeFileSync(`${file}.br`, brotliCompressSync(readFileSync(file)));
}
