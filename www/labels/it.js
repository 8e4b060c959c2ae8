// @ts-check
/** The words of `<video-sphere>` in Italian: `Object.assign(labels, pack)`. */

/**
 * What a viewer is told of a failure, by its name and facts; of a defect of ours, the English message.
 * @type {Record<string, (facts: Record<string, unknown>) => string>}
 */
const failures = {
  'invalid-url': ({ url }) =>
    `«${url}» non è l’indirizzo di uno stream: serve l’indirizzo http(s) di una playlist HLS (.m3u8).`,
  'network-unreachable': ({ url }) =>
    `${url} non è raggiungibile: controlla la connessione e l’indirizzo. Il server deve consentire l’accesso da questa pagina (CORS).`,
  'network-timeout': ({ url }) => `${url} non è arrivato in tempo: controlla la connessione e riprova.`,
  'network-status': ({ url, status }) => {
    if (status === 404) return `${url} non esiste (HTTP 404): controlla l’indirizzo.`;
    return status === 401 || status === 403
      ? `Il server rifiuta ${url} (HTTP ${status}): l’accesso non è consentito o è scaduto.`
      : `Il server ha risposto HTTP ${status} per ${url}.`;
  },
  'network-truncated': ({ url }) => `${url} si è interrotto prima della fine: riprova.`,
  'network-too-large': ({ url }) => `${url} è troppo grande.`,
  'request-function-failed': ({ url }) =>
    `Questa pagina non ha autorizzato ${url}: ricaricala o accedi di nuovo.`,
  'not-a-playlist': ({ url }) => `${url} non è una playlist HLS: serve l’indirizzo di un file .m3u8.`,
  'playlist-invalid': ({ url, line, problem }) =>
    `La playlist ${url} non può essere riprodotta (riga ${line}: ${problem}).`,
  'no-playable-variant': ({ codecs }) =>
    `Questo browser non riproduce nessuno dei codec dello stream (${codecs}).`,
  'unsupported-codec': ({ codec }) => `Questo browser non può riprodurre ${codec}.`,
  'unsupported-container': ({ url }) => `${url} ha un formato che qui non può essere riprodotto.`,
  encrypted: ({ method }) => `Lo stream è cifrato con ${method} e qui non può essere decifrato.`,
  'key-invalid': ({ url }) => `Ciò che si trova in ${url} non è una chiave di decifratura.`,
  'decryption-failed': ({ url }) => `${url} non si decifra con la sua chiave.`,
  'decryption-unavailable': ({ detail }) => `Lo stream è cifrato e qui non può essere decifrato: ${detail}`,
  'damaged-media': ({ format, problem }) => `I dati video sono danneggiati (${format}: ${problem}).`,
  'append-rejected': ({ detail }) => `Il browser ha rifiutato i dati video: ${detail}`,
  'buffer-full': () => 'Il buffer video del browser è pieno.',
  decode: ({ detail }) => `Il browser non è riuscito a decodificare il video: ${detail}`,
  'media-source-unsupported': () =>
    'Questo browser non ha Media Source Extensions: usa una versione attuale di Chrome, Edge, Firefox o Safari (iOS 17.1 o successivo).',
  'live-playlist-stalled': ({ url, forSecs }) =>
    `La diretta ${url} è ferma da ${Math.round(Number(forSecs))} s.`,
  'playback-stalled': ({ forSecs }) =>
    `Da ${Math.round(Number(forSecs))} s non si carica né si riproduce nulla: forse lo stream non è in onda.`,
  'renderer-unavailable': () => 'Qui non funzionano né WebGPU né WebGL2: attiva l’accelerazione hardware.',
  'context-lost': () => 'La grafica è andata persa e viene ripristinata.',
  'video-tainted': () =>
    'Le immagini di questo video non possono essere lette: il suo server deve inviare Access-Control-Allow-Origin.',
};

/** @type {import('../element.d.ts').Labels} */
export default {
  lang: 'it',
  player: 'Lettore video 360°',
  picture: 'Video 360°. Le frecce girano la vista, più e meno cambiano lo zoom, Home guarda avanti.',
  seek: 'Posizione',
  volume: 'Volume',
  quality: 'Qualità',
  audio: 'Audio',
  live: 'In diretta',
  play: 'Riproduci',
  pause: 'Pausa',
  replay: 'Riproduci di nuovo',
  mute: 'Disattiva l’audio',
  unmute: 'Attiva l’audio',
  goLive: 'Vai alla diretta',
  atLiveEdge: 'In diretta adesso',
  recenter: 'Guarda avanti',
  motionOn: 'Segui i movimenti del dispositivo',
  motionOff: 'Non seguire più i movimenti del dispositivo',
  enterImmersive: 'Guarda nel visore',
  exitImmersive: 'Esci dal visore',
  enterFullscreen: 'Schermo intero',
  exitFullscreen: 'Esci dallo schermo intero',
  enterPictureInPicture: 'Picture-in-picture',
  exitPictureInPicture: 'Esci da picture-in-picture',
  pictureInPictureFailed: 'Picture-in-picture non disponibile',
  help: 'Aiuto tastiera',
  close: 'Chiudi',
  retry: 'Riprova',
  loading: 'Caricamento',
  failed: 'Questo video non può essere riprodotto',
  motionDenied: 'I sensori di movimento non sono disponibili. Consenti a questo sito l’accesso al movimento.',
  immersiveFailed: 'Non è stato possibile avviare la sessione del visore',
  slowLink: 'La connessione è troppo lenta per questa qualità.',
  switchToAuto: 'Passa ad automatica',
  touchHint: 'Usa due dita per guardarti intorno',
  auto: 'Automatica',
  max: 'Migliore',
  highQualitySource: 'Sorgente 4K',
  subtitles: 'Sottotitoli',
  off: 'Disattivati',
  captionSize: 'Dimensione del testo',
  captionColor: 'Colore del testo',
  captionBackground: 'Sfondo del testo',
  white: 'Bianco',
  yellow: 'Giallo',
  black: 'Nero',
  translucent: 'Traslucido',
  wheelHint: (key) => `${key} + rotella per lo zoom`,
  seekPosition: (now, end) => `${now} di ${end}`,
  behindLive: (behind) => `${behind} dietro la diretta`,
  failure: ({ name, context }) => failures[name]?.(context),
  keys: [
    ['Spazio, K', 'Riproduci o pausa'],
    ['M', 'Disattiva o attiva l’audio'],
    ['F', 'Schermo intero'],
    ['C', 'Attiva o disattiva i sottotitoli'],
    ['← ↑ → ↓', 'Guardarsi intorno'],
    ['+ −', 'Zoom'],
    ['Home', 'Guarda avanti'],
    ['Maiusc + ← →', 'Indietro o avanti di 5 secondi'],
    ['J, L', 'Indietro o avanti di 10 secondi'],
    ['?', 'Questo aiuto'],
  ],
};
