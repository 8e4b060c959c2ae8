/** The site of `cargo xtask docs` (VitePress): its navigation, and links that leave the documents. */
import { dirname, join, normalize } from 'node:path';
import { defineConfig } from 'vitepress';

const REPOSITORY = 'https://github.com/videosphere/videosphere/blob/main/';

/** Links to files of the repository that are no page lead to the repository. */
function repositoryLinks(markdown) {
  markdown.core.ruler.push('repository-links', ({ tokens, env }) => {
    const links = tokens.flatMap(({ children }) => children ?? []).filter(({ type }) => type === 'link_open');
    for (const link of links) {
      const [path, hash = ''] = link.attrGet('href').split('#');
      if (!path || /^([a-z]+:|\/)/.test(path)) continue;
      const file = normalize(join('docs', dirname(env.relativePath), path));
      // A page that is missing is for VitePress to find.
      if (!file.startsWith('docs/') || !/\.(md|html)$/.test(path)) {
        link.attrSet('href', `${REPOSITORY}${file}${hash && `#${hash}`}`);
      }
    }
  });
}

const page = (text, link) => ({ text, link });

export default defineConfig({
  title: 'videosphere',
  description: 'Live 360° video on the web',
  lang: 'en-GB',
  cleanUrls: false,
  markdown: { config: repositoryLinks },
  themeConfig: {
    nav: [page('Guide', '/guide'), page('API', '/api'), page('Playground', '/playground')],
    search: { provider: 'local' },
    socialLinks: [{ icon: 'github', link: 'https://github.com/videosphere/videosphere' }],
    sidebar: [
      {
        text: 'Guide',
        items: [
          page('Start', '/guide'),
          page('Subtitles and metadata', '/captions'),
          page('Bundlers', '/bundlers'),
          page('Playground', '/playground'),
        ],
      },
      {
        text: 'Reference',
        items: [page('The element', '/element'), page('API', '/api'), page('Errors', '/errors')],
      },
      {
        text: 'Recipes',
        items: [
          page('AWS and Amazon IVS', '/recipes/aws'),
          page('Tokens and cookies', '/recipes/tokens'),
          page('Encrypted streams', '/recipes/keys'),
          page('Common Media Client Data', '/recipes/cmcd'),
          page('Content steering', '/recipes/steering'),
          page('Several sounds', '/recipes/audio'),
          page('Skins', '/recipes/skins'),
          page('Pictures over the seek bar', '/recipes/thumbnails'),
          page('Content-Security-Policy', '/recipes/csp'),
          page('From a CDN', '/recipes/cdn'),
          page('Coming from another player', '/recipes/migration'),
        ],
      },
      {
        text: 'Workshop',
        items: [
          page('Overview', '/workshop/README'),
          page('Live', '/workshop/1-live'),
          page('On demand', '/workshop/2-on-demand'),
          page('Caching and scale', '/workshop/3-caching-and-scale'),
        ],
      },
      { text: 'Behind it', items: [page('Size and speed', '/size-and-speed')] },
    ],
  },
});
