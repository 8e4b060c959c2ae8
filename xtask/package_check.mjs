/**
 * The tarball as resolvers and TypeScript see it: publint, and "are the types wrong".
 *
 * In: the tarball's path. Out: nothing, or what is wrong, and 1. The package is of ES modules alone, so that
 * `require` of it from CommonJS needs Node.js 20.19 or newer: that one finding is meant.
 */
import { readFileSync } from 'node:fs';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const tarball = readFileSync(process.argv[2]);
const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
/** Entries that are files for a server, not modules for TypeScript. */
const FILES = ['./worker', './wasm/*', './package.json', './custom-elements.json', './html-data.json'];

const data = tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.byteLength);
const { messages } = await publint({ pack: { tarball: data }, strict: true });
const lint = messages.map((message) => `publint: ${formatMessage(message, manifest)}`);

const entrypoints = Object.keys(manifest.exports).filter((entry) => !FILES.includes(entry));
const { problems = [], types } = await checkPackage(createPackageFromTarballData(new Uint8Array(data)), {
  entrypoints,
});
const wrong = problems
  .filter(({ kind }) => kind !== 'CJSResolvesToESM')
  .map((problem) => `types: ${JSON.stringify(problem)}`);
if (!types) wrong.push('types: none were found');

for (const line of [...lint, ...wrong]) console.error(line);
if (lint.length + wrong.length > 0) process.exitCode = 1;
