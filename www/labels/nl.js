// @ts-check
/** The words of `<video-sphere>` in Dutch: `Object.assign(labels, pack)`. */

/**
 * What a viewer is told of a failure, by its name and facts; of a defect of ours, the English message.
 * @type {Record<string, (facts: Record<string, unknown>) => string>}
 */
const failures = {
  'invalid-url': ({ url }) =>
    `“${url}” is geen adres van een stream: nodig is het http(s)-adres van een HLS-afspeellijst (.m3u8).`,
  'network-unreachable': ({ url }) =>
    `${url} is niet bereikbaar: controleer de verbinding en het adres. De server moet toegang vanaf deze pagina toestaan (CORS).`,
  'network-timeout': ({ url }) =>
    `${url} kwam niet op tijd: controleer de verbinding en probeer het opnieuw.`,
  'network-status': ({ url, status }) => {
    if (status === 404) return `${url} bestaat niet (HTTP 404): controleer het adres.`;
    return status === 401 || status === 403
      ? `De server weigert ${url} (HTTP ${status}): toegang is niet of niet meer toegestaan.`
      : `De server antwoordde met HTTP ${status} op ${url}.`;
  },
  'network-truncated': ({ url }) => `${url} brak voortijdig af: probeer het opnieuw.`,
  'network-too-large': ({ url }) => `${url} is te groot.`,
  'request-function-failed': ({ url }) =>
    `Deze pagina heeft ${url} niet vrijgegeven: laad haar opnieuw of log opnieuw in.`,
  'not-a-playlist': ({ url }) => `${url} is geen HLS-afspeellijst: nodig is het adres van een .m3u8-bestand.`,
  'playlist-invalid': ({ url, line, problem }) =>
    `De afspeellijst ${url} kan niet worden afgespeeld (regel ${line}: ${problem}).`,
  'no-playable-variant': ({ codecs }) =>
    `Deze browser speelt geen van de codecs van de stream af (${codecs}).`,
  'unsupported-codec': ({ codec }) => `Deze browser kan ${codec} niet afspelen.`,
  'unsupported-container': ({ url }) => `${url} heeft een formaat dat hier niet kan worden afgespeeld.`,
  encrypted: ({ method }) => `De stream is versleuteld met ${method} en kan hier niet worden ontsleuteld.`,
  'key-invalid': ({ url }) => `Wat op ${url} staat, is geen sleutel.`,
  'decryption-failed': ({ url }) => `${url} kan niet met zijn sleutel worden ontsleuteld.`,
  'decryption-unavailable': ({ detail }) =>
    `De stream is versleuteld en kan hier niet worden ontsleuteld: ${detail}`,
  'damaged-media': ({ format, problem }) => `De videogegevens zijn beschadigd (${format}: ${problem}).`,
  'append-rejected': ({ detail }) => `De browser weigerde de videogegevens: ${detail}`,
  'buffer-full': () => 'De videobuffer van de browser is vol.',
  decode: ({ detail }) => `De browser kon de video niet decoderen: ${detail}`,
  'media-source-unsupported': () =>
    'Deze browser heeft geen Media Source Extensions: gebruik een actuele Chrome, Edge, Firefox of Safari (iOS 17.1 of nieuwer).',
  'live-playlist-stalled': ({ url, forSecs }) =>
    `De livestream ${url} staat al ${Math.round(Number(forSecs))} s stil.`,
  'playback-stalled': ({ forSecs }) =>
    `Er is ${Math.round(Number(forSecs))} s niets geladen of afgespeeld: misschien is de stream niet in de lucht.`,
  'renderer-unavailable': () =>
    'WebGPU en WebGL2 werken hier geen van beide: schakel hardwareversnelling in.',
  'context-lost': () => 'De grafische weergave ging verloren en wordt hersteld.',
  'video-tainted': () =>
    'De beelden van deze video mogen niet worden gelezen: de server ervan moet Access-Control-Allow-Origin sturen.',
};

/** @type {import('../element.d.ts').Labels} */
export default {
  lang: 'nl',
  player: '360°-videospeler',
  picture: '360°-video. Pijltjes kijken rond, plus en min zoomen, Home kijkt vooruit.',
  seek: 'Positie',
  volume: 'Volume',
  quality: 'Kwaliteit',
  audio: 'Audio',
  live: 'Live',
  play: 'Afspelen',
  pause: 'Pauzeren',
  replay: 'Opnieuw afspelen',
  mute: 'Dempen',
  unmute: 'Geluid aan',
  goLive: 'Naar live',
  atLiveEdge: 'Speelt live',
  recenter: 'Vooruit kijken',
  motionOn: 'De beweging van dit apparaat volgen',
  motionOff: 'De beweging van dit apparaat niet meer volgen',
  enterImmersive: 'In de headset kijken',
  exitImmersive: 'De headset verlaten',
  enterFullscreen: 'Volledig scherm',
  exitFullscreen: 'Volledig scherm verlaten',
  enterPictureInPicture: 'Beeld-in-beeld',
  exitPictureInPicture: 'Beeld-in-beeld verlaten',
  pictureInPictureFailed: 'Geen beeld-in-beeld',
  help: 'Toetsenhulp',
  close: 'Sluiten',
  retry: 'Opnieuw proberen',
  loading: 'Laden',
  failed: 'Deze video kan niet worden afgespeeld',
  motionDenied: 'De bewegingssensoren zijn niet beschikbaar. Geef deze site toegang tot beweging.',
  immersiveFailed: 'De headsetsessie kon niet worden gestart',
  slowLink: 'De verbinding is te traag voor deze kwaliteit.',
  switchToAuto: 'Overschakelen naar automatisch',
  touchHint: 'Gebruik twee vingers om rond te kijken',
  auto: 'Automatisch',
  max: 'Beste',
  highQualitySource: '4K-bron',
  subtitles: 'Ondertiteling',
  off: 'Uit',
  captionSize: 'Tekstgrootte',
  captionColor: 'Tekstkleur',
  captionBackground: 'Tekstachtergrond',
  white: 'Wit',
  yellow: 'Geel',
  black: 'Zwart',
  translucent: 'Doorschijnend',
  wheelHint: (key) => `${key} + scrollen om te zoomen`,
  seekPosition: (now, end) => `${now} van ${end}`,
  behindLive: (behind) => `${behind} achter live`,
  failure: ({ name, context }) => failures[name]?.(context),
  keys: [
    ['Spatie, K', 'Afspelen of pauzeren'],
    ['M', 'Geluid uit of aan'],
    ['F', 'Volledig scherm'],
    ['C', 'Ondertiteling aan of uit'],
    ['← ↑ → ↓', 'Rondkijken'],
    ['+ −', 'Zoomen'],
    ['Home', 'Vooruit kijken'],
    ['Shift + ← →', '5 seconden terug of vooruit'],
    ['J, L', '10 seconden terug of vooruit'],
    ['?', 'Deze hulp'],
  ],
};
