// @ts-check
/** The words of `<video-sphere>` in German: `Object.assign(labels, pack)`. */

/**
 * What a viewer is told of a failure, by its name and facts; of a defect of ours, the English message.
 * @type {Record<string, (facts: Record<string, unknown>) => string>}
 */
const failures = {
  'invalid-url': ({ url }) =>
    `„${url}“ ist keine Adresse eines Streams: Nötig ist die http(s)-Adresse einer HLS-Playlist (.m3u8).`,
  'network-unreachable': ({ url }) =>
    `${url} ist nicht erreichbar: Prüfe die Internetverbindung und die Adresse. Der Server muss Zugriffe von dieser Seite erlauben (CORS).`,
  'network-timeout': ({ url }) =>
    `${url} kam nicht rechtzeitig an: Prüfe die Internetverbindung und versuche es noch einmal.`,
  'network-status': ({ url, status }) => {
    if (status === 404) return `${url} gibt es nicht (HTTP 404): Prüfe die Adresse.`;
    return status === 401 || status === 403
      ? `Der Server verweigert ${url} (HTTP ${status}): Der Zugriff ist nicht oder nicht mehr erlaubt.`
      : `Der Server antwortete mit HTTP ${status} auf ${url}.`;
  },
  'network-truncated': ({ url }) => `${url} brach vorzeitig ab: Versuche es noch einmal.`,
  'network-too-large': ({ url }) => `${url} ist zu groß.`,
  'request-function-failed': ({ url }) =>
    `Diese Seite hat ${url} nicht freigegeben: Lade sie neu oder melde dich noch einmal an.`,
  'not-a-playlist': ({ url }) => `${url} ist keine HLS-Playlist: Nötig ist die Adresse einer .m3u8-Datei.`,
  'playlist-invalid': ({ url, line, problem }) =>
    `Die Playlist ${url} kann nicht abgespielt werden (Zeile ${line}: ${problem}).`,
  'no-playable-variant': ({ codecs }) =>
    `Dieser Browser spielt keinen der Codecs des Streams ab (${codecs}).`,
  'unsupported-codec': ({ codec }) => `Dieser Browser kann ${codec} nicht abspielen.`,
  'unsupported-container': ({ url }) => `${url} hat ein Format, das sich hier nicht abspielen lässt.`,
  encrypted: ({ method }) =>
    `Der Stream ist mit ${method} verschlüsselt und kann hier nicht entschlüsselt werden.`,
  'key-invalid': ({ url }) => `Was unter ${url} liegt, ist kein Schlüssel.`,
  'decryption-failed': ({ url }) => `${url} lässt sich mit seinem Schlüssel nicht entschlüsseln.`,
  'decryption-unavailable': ({ detail }) =>
    `Der Stream ist verschlüsselt und kann hier nicht entschlüsselt werden: ${detail}`,
  'damaged-media': ({ format, problem }) => `Die Videodaten sind beschädigt (${format}: ${problem}).`,
  'append-rejected': ({ detail }) => `Der Browser hat die Videodaten abgelehnt: ${detail}`,
  'buffer-full': () => 'Der Videopuffer des Browsers ist voll.',
  decode: ({ detail }) => `Der Browser konnte das Video nicht dekodieren: ${detail}`,
  'media-source-unsupported': () =>
    'Diesem Browser fehlen die Media Source Extensions: Nimm einen aktuellen Chrome, Edge, Firefox oder Safari (ab iOS 17.1).',
  'live-playlist-stalled': ({ url, forSecs }) =>
    `Der Livestream ${url} geht seit ${Math.round(Number(forSecs))} s nicht weiter.`,
  'playback-stalled': ({ forSecs }) =>
    `Seit ${Math.round(Number(forSecs))} s wurde nichts geladen oder abgespielt: Vielleicht ist der Stream gerade nicht auf Sendung.`,
  'renderer-unavailable': () =>
    'Weder WebGPU noch WebGL2 funktioniert hier: Schalte die Hardwarebeschleunigung ein.',
  'context-lost': () => 'Die Grafik ging verloren und wird neu aufgebaut.',
  'video-tainted': () =>
    'Die Bilder dieses Videos dürfen nicht gelesen werden: Sein Server muss Access-Control-Allow-Origin senden.',
};

/** @type {import('../element.d.ts').Labels} */
export default {
  lang: 'de',
  player: '360°-Video-Player',
  picture: '360°-Video. Pfeiltasten sehen sich um, Plus und Minus zoomen, Pos1 blickt nach vorn.',
  seek: 'Position',
  volume: 'Lautstärke',
  quality: 'Qualität',
  audio: 'Ton',
  live: 'Live',
  play: 'Abspielen',
  pause: 'Pause',
  replay: 'Noch einmal abspielen',
  mute: 'Stumm schalten',
  unmute: 'Ton einschalten',
  goLive: 'Zum Live-Zeitpunkt',
  atLiveEdge: 'Spielt live',
  recenter: 'Nach vorn blicken',
  motionOn: 'Den Bewegungen des Geräts folgen',
  motionOff: 'Den Bewegungen des Geräts nicht mehr folgen',
  enterImmersive: 'Im Headset ansehen',
  exitImmersive: 'Headset verlassen',
  enterFullscreen: 'Vollbild',
  exitFullscreen: 'Vollbild verlassen',
  enterPictureInPicture: 'Bild im Bild',
  exitPictureInPicture: 'Bild im Bild beenden',
  pictureInPictureFailed: 'Kein Bild im Bild',
  help: 'Tastenhilfe',
  close: 'Schließen',
  retry: 'Erneut versuchen',
  loading: 'Wird geladen',
  failed: 'Dieses Video kann nicht abgespielt werden',
  motionDenied:
    'Die Bewegungssensoren sind nicht verfügbar. Erlaube dieser Website den Zugriff auf Bewegung.',
  immersiveFailed: 'Die Headset-Sitzung konnte nicht gestartet werden',
  slowLink: 'Die Verbindung ist zu langsam für diese Qualität.',
  switchToAuto: 'Auf Automatisch umstellen',
  touchHint: 'Mit zwei Fingern umsehen',
  auto: 'Automatisch',
  max: 'Beste',
  highQualitySource: '4K-Quelle',
  subtitles: 'Untertitel',
  off: 'Aus',
  captionSize: 'Schriftgröße',
  captionColor: 'Schriftfarbe',
  captionBackground: 'Schrifthintergrund',
  white: 'Weiß',
  yellow: 'Gelb',
  black: 'Schwarz',
  translucent: 'Durchscheinend',
  wheelHint: (key) => `Zum Zoomen ${key} + scrollen`,
  seekPosition: (now, end) => `${now} von ${end}`,
  behindLive: (behind) => `${behind} hinter live`,
  failure: ({ name, context }) => failures[name]?.(context),
  keys: [
    ['Leertaste, K', 'Abspielen oder Pause'],
    ['M', 'Stumm oder laut'],
    ['F', 'Vollbild'],
    ['C', 'Untertitel ein oder aus'],
    ['← ↑ → ↓', 'Umsehen'],
    ['+ −', 'Zoomen'],
    ['Pos1', 'Nach vorn blicken'],
    ['Umschalt + ← →', '5 Sekunden zurück oder vor'],
    ['J, L', '10 Sekunden zurück oder vor'],
    ['?', 'Diese Hilfe'],
  ],
};
