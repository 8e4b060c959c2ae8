// @ts-check
// What hls.js makes of CEA-608: its parser, and its filter that joins what grows into one cue.
// In: JSON on the standard input, an array of [seconds, bytes of field 1]. Out: JSON, an array of [start, end, text].
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const require = createRequire(import.meta.url);
const source = fileURLToPath(new URL("../src/utils/", `file://${require.resolve("hls.js/dist/hls.mjs")}`));
const { outputFiles } = await build({
  stdin: {
    contents: `export { default as Parser } from "${source}cea-608-parser.ts";
      export { default as Filter } from "${source}output-filter.ts";`,
    resolveDir: source,
  },
  bundle: true,
  write: false,
  format: "esm",
});
const [bundle] = outputFiles;
const { Parser, Filter } = await import(`data:text/javascript;base64,${Buffer.from(bundle.contents).toString("base64")}`);

/** @type {[number, number, string][]} */
const cues = [];
const controller = {
  createCaptionsTrack() {},
  /** @type {(track: string, start: number, end: number, screen: { getDisplayText(): string }) => void} */
  addCues: (_, start, end, screen) => cues.push([start, end, screen.getDisplayText()]),
};
const parser = new Parser(1, new Filter(controller, "CC1"), new Filter(controller, "CC2"));
for (const [secs, bytes] of JSON.parse(readFileSync(0, "utf8"))) {
  parser.addData(secs, bytes);
}
process.stdout.write(JSON.stringify(cues));
