// @ts-check
/** The words of `<video-sphere>` in French: `Object.assign(labels, pack)`. */

/**
 * What a viewer is told of a failure, by its name and facts; of a defect of ours, the English message.
 * @type {Record<string, (facts: Record<string, unknown>) => string>}
 */
const failures = {
  'invalid-url': ({ url }) =>
    `« ${url} » n’est pas l’adresse d’un flux : il faut l’adresse http(s) d’une liste HLS (.m3u8).`,
  'network-unreachable': ({ url }) =>
    `${url} est inaccessible : vérifiez la connexion et l’adresse. Le serveur doit autoriser l’accès depuis cette page (CORS).`,
  'network-timeout': ({ url }) => `${url} n’est pas arrivé à temps : vérifiez la connexion et réessayez.`,
  'network-status': ({ url, status }) => {
    if (status === 404) return `${url} n’existe pas (HTTP 404) : vérifiez l’adresse.`;
    return status === 401 || status === 403
      ? `Le serveur refuse ${url} (HTTP ${status}) : l’accès n’est pas autorisé ou a expiré.`
      : `Le serveur a répondu HTTP ${status} pour ${url}.`;
  },
  'network-truncated': ({ url }) => `${url} s’est interrompu avant la fin : réessayez.`,
  'network-too-large': ({ url }) => `${url} est trop volumineux.`,
  'request-function-failed': ({ url }) =>
    `Cette page n’a pas autorisé ${url} : rechargez-la ou reconnectez-vous.`,
  'not-a-playlist': ({ url }) => `${url} n’est pas une liste HLS : il faut l’adresse d’un fichier .m3u8.`,
  'playlist-invalid': ({ url, line, problem }) =>
    `La liste ${url} ne peut pas être lue (ligne ${line} : ${problem}).`,
  'no-playable-variant': ({ codecs }) => `Ce navigateur ne lit aucun des codecs du flux (${codecs}).`,
  'unsupported-codec': ({ codec }) => `Ce navigateur ne peut pas lire ${codec}.`,
  'unsupported-container': ({ url }) => `${url} a un format qui ne peut pas être lu ici.`,
  encrypted: ({ method }) => `Le flux est chiffré avec ${method} et ne peut pas être déchiffré ici.`,
  'key-invalid': ({ url }) => `Ce qui se trouve à ${url} n’est pas une clé de déchiffrement.`,
  'decryption-failed': ({ url }) => `${url} ne se déchiffre pas avec sa clé.`,
  'decryption-unavailable': ({ detail }) =>
    `Le flux est chiffré et ne peut pas être déchiffré ici : ${detail}`,
  'damaged-media': ({ format, problem }) => `Les données vidéo sont endommagées (${format} : ${problem}).`,
  'append-rejected': ({ detail }) => `Le navigateur a refusé les données vidéo : ${detail}`,
  'buffer-full': () => 'La mémoire tampon vidéo du navigateur est pleine.',
  decode: ({ detail }) => `Le navigateur n’a pas pu décoder la vidéo : ${detail}`,
  'media-source-unsupported': () =>
    'Ce navigateur n’a pas Media Source Extensions : utilisez une version actuelle de Chrome, Edge, Firefox ou Safari (iOS 17.1 ou plus récent).',
  'live-playlist-stalled': ({ url, forSecs }) =>
    `Le direct ${url} n’avance plus depuis ${Math.round(Number(forSecs))} s.`,
  'playback-stalled': ({ forSecs }) =>
    `Rien n’a été chargé ni lu depuis ${Math.round(Number(forSecs))} s : le flux n’est peut-être pas à l’antenne.`,
  'renderer-unavailable': () =>
    'Ni WebGPU ni WebGL2 ne fonctionnent ici : activez l’accélération matérielle.',
  'context-lost': () => 'L’affichage graphique a été perdu et se rétablit.',
  'video-tainted': () =>
    'Les images de cette vidéo ne peuvent pas être lues : son serveur doit envoyer Access-Control-Allow-Origin.',
};

/** @type {import('../element.d.ts').Labels} */
export default {
  lang: 'fr',
  player: 'Lecteur vidéo 360°',
  picture: 'Vidéo 360°. Les flèches tournent la vue, plus et moins zooment, Origine regarde devant.',
  seek: 'Position',
  volume: 'Volume',
  quality: 'Qualité',
  audio: 'Audio',
  live: 'Direct',
  play: 'Lire',
  pause: 'Pause',
  replay: 'Relire',
  mute: 'Couper le son',
  unmute: 'Rétablir le son',
  goLive: 'Revenir au direct',
  atLiveEdge: 'Lecture en direct',
  recenter: 'Regarder devant',
  motionOn: 'Suivre les mouvements de l’appareil',
  motionOff: 'Ne plus suivre les mouvements de l’appareil',
  enterImmersive: 'Regarder dans le casque',
  exitImmersive: 'Quitter le casque',
  enterFullscreen: 'Plein écran',
  exitFullscreen: 'Quitter le plein écran',
  enterPictureInPicture: 'Image dans l’image',
  exitPictureInPicture: 'Quitter l’image dans l’image',
  pictureInPictureFailed: 'Pas d’image dans l’image',
  help: 'Aide du clavier',
  close: 'Fermer',
  retry: 'Réessayer',
  loading: 'Chargement',
  failed: 'Cette vidéo ne peut pas être lue',
  motionDenied:
    'Les capteurs de mouvement ne sont pas disponibles. Autorisez l’accès aux mouvements pour ce site.',
  immersiveFailed: 'La session du casque n’a pas pu démarrer',
  slowLink: 'La connexion est trop lente pour cette qualité.',
  switchToAuto: 'Passer en automatique',
  touchHint: 'Utilisez deux doigts pour regarder autour',
  auto: 'Automatique',
  max: 'La meilleure',
  highQualitySource: 'Source 4K',
  subtitles: 'Sous-titres',
  off: 'Désactivés',
  captionSize: 'Taille du texte',
  captionColor: 'Couleur du texte',
  captionBackground: 'Fond du texte',
  white: 'Blanc',
  yellow: 'Jaune',
  black: 'Noir',
  translucent: 'Translucide',
  wheelHint: (key) => `${key} + molette pour zoomer`,
  seekPosition: (now, end) => `${now} sur ${end}`,
  behindLive: (behind) => `${behind} de retard sur le direct`,
  failure: ({ name, context }) => failures[name]?.(context),
  keys: [
    ['Espace, K', 'Lecture ou pause'],
    ['M', 'Couper ou rétablir le son'],
    ['F', 'Plein écran'],
    ['C', 'Afficher ou masquer les sous-titres'],
    ['← ↑ → ↓', 'Regarder autour'],
    ['+ −', 'Zoom'],
    ['Origine', 'Regarder devant'],
    ['Maj + ← →', 'Reculer ou avancer de 5 secondes'],
    ['J, L', 'Reculer ou avancer de 10 secondes'],
    ['?', 'Cette aide'],
  ],
};
