/** For resolvers that do not read `exports` of package.json; all others never see this file. */
export * from './dist/vue.js';
