/**
 * `videosphere/react` on React: what it writes on a server, and what its element has in a document, under
 * StrictMode, where every effect runs twice.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createElement as h } from 'react';
import { renderToString } from 'react-dom/server';
import { inWorld } from './worlds.mjs';

test('on a server it is an empty element', async () => {
  const { VideoSphere } = await import('videosphere/react');
  const html = renderToString(h(VideoSphere, { src: 'a.m3u8', muted: true, className: 'wide', id: 'it' }));
  assert.equal(html, '<video-sphere class="wide" id="it"></video-sphere>');
});

test('attributes, events and the reference follow the props, each when it changes', () => {
  const seen = inWorld(
    'jsdom',
    `globalThis.IS_REACT_ACT_ENVIRONMENT = true;
     const { StrictMode, act, createElement: h, createRef } = await import('react');
     const { createRoot } = await import('react-dom/client');
     const { VideoSphere } = await import('videosphere/react');
     const root = createRoot(document.body.appendChild(document.createElement('div')));
     const render = (props) =>
       act(() => root.render(h(StrictMode, null, props && h(VideoSphere, props, h('track', { kind: 'chapters' })))));
     const attributes = (element) =>
       Object.fromEntries(element.getAttributeNames().map((name) => [name, element.getAttribute(name)]));
     const ref = createRef();
     const told = [];
     const props = { ref, highQualitySrc: 'b.m3u8', src: 'a.m3u8', controls: false, muted: true, crossOrigin: 'anonymous',
       yaw: 30, request: (request) => request, className: 'wide', style: { width: 320 }, onViewChange: () => told.push('first') };
     await render(props);
     const element = ref.current;
     const first = attributes(element);
     element.dispatchEvent(new window.CustomEvent('viewchange'));
     element.yaw = 50;
     const requests = [element.request === props.request];
     await render({ ...props, muted: false, controls: true, crossOrigin: undefined, style: undefined,
       request: undefined,
       onViewChange: () => told.push('second'), onClick: () => told.push('click') });
     element.dispatchEvent(new window.CustomEvent('viewchange'));
     element.dispatchEvent(new window.MouseEvent('click', { bubbles: true }));
     const second = attributes(element);
     requests.push(element.request);
     const state = { requests, isSame: ref.current === element, yaw: element.yaw, child: element.firstChild.localName };
     await render(null);
     element.dispatchEvent(new window.CustomEvent('viewchange'));
     await new Promise((resolve) => setTimeout(resolve));
     console.log(JSON.stringify({ first, second, told, ...state, ref: ref.current, player: element.player }));`,
  );
  assert.deepEqual(seen, {
    first: {
      class: 'wide',
      style: 'width: 320px;',
      'high-quality-src': 'b.m3u8',
      src: 'a.m3u8',
      muted: '',
      crossorigin: 'anonymous',
      yaw: '30',
    },
    second: {
      class: 'wide',
      style: '',
      'high-quality-src': 'b.m3u8',
      src: 'a.m3u8',
      controls: '',
      yaw: '30',
    },
    told: ['first', 'second', 'click'],
    requests: [true, null],
    isSame: true,
    yaw: 50,
    child: 'track',
    ref: null,
    player: null,
  });
});

test('every event that the element is said to have is a prop', async () => {
  const { EVENT_PROPS } = await import('videosphere/react');
  const { default: manifest } = await import('videosphere/custom-elements.json', { with: { type: 'json' } });
  const [{ events }] = manifest.modules[0].declarations;
  assert.deepEqual(
    EVENT_PROPS.map((prop) => prop.slice(2).toLowerCase()).sort(),
    events.map(({ name }) => name).sort(),
  );
});
