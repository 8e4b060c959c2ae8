// @ts-check
/** The words of `<video-sphere>` in Spanish: `Object.assign(labels, pack)`. */

/**
 * What a viewer is told of a failure, by its name and facts; of a defect of ours, the English message.
 * @type {Record<string, (facts: Record<string, unknown>) => string>}
 */
const failures = {
  'invalid-url': ({ url }) =>
    `«${url}» no es la dirección de una transmisión: hace falta una dirección http(s) de una lista HLS (.m3u8).`,
  'network-unreachable': ({ url }) =>
    `No se puede acceder a ${url}: comprueba la conexión y la dirección. El servidor debe permitir el acceso desde esta página (CORS).`,
  'network-timeout': ({ url }) => `${url} no llegó a tiempo: comprueba la conexión e inténtalo de nuevo.`,
  'network-status': ({ url, status }) => {
    if (status === 404) return `${url} no existe (HTTP 404): comprueba la dirección.`;
    return status === 401 || status === 403
      ? `El servidor deniega ${url} (HTTP ${status}): el acceso no está permitido o ha caducado.`
      : `El servidor respondió con HTTP ${status} a ${url}.`;
  },
  'network-truncated': ({ url }) => `${url} se interrumpió antes de terminar: inténtalo de nuevo.`,
  'network-too-large': ({ url }) => `${url} es demasiado grande.`,
  'request-function-failed': ({ url }) =>
    `Esta página no autorizó ${url}: vuelve a cargarla o inicia sesión otra vez.`,
  'not-a-playlist': ({ url }) => `${url} no es una lista HLS: hace falta la dirección de un archivo .m3u8.`,
  'playlist-invalid': ({ url, line, problem }) =>
    `La lista ${url} no se puede reproducir (línea ${line}: ${problem}).`,
  'no-playable-variant': ({ codecs }) =>
    `Este navegador no reproduce ninguno de los códecs de la transmisión (${codecs}).`,
  'unsupported-codec': ({ codec }) => `Este navegador no puede reproducir ${codec}.`,
  'unsupported-container': ({ url }) => `${url} tiene un formato que no se puede reproducir aquí.`,
  encrypted: ({ method }) => `La transmisión está cifrada con ${method} y no se puede descifrar aquí.`,
  'key-invalid': ({ url }) => `Lo que hay en ${url} no es una clave de descifrado.`,
  'decryption-failed': ({ url }) => `${url} no se puede descifrar con su clave.`,
  'decryption-unavailable': ({ detail }) =>
    `La transmisión está cifrada y no se puede descifrar aquí: ${detail}`,
  'damaged-media': ({ format, problem }) => `Los datos del vídeo están dañados (${format}: ${problem}).`,
  'append-rejected': ({ detail }) => `El navegador rechazó los datos del vídeo: ${detail}`,
  'buffer-full': () => 'El búfer de vídeo del navegador está lleno.',
  decode: ({ detail }) => `El navegador no pudo decodificar el vídeo: ${detail}`,
  'media-source-unsupported': () =>
    'Este navegador no tiene Media Source Extensions: usa una versión actual de Chrome, Edge, Firefox o Safari (iOS 17.1 o posterior).',
  'live-playlist-stalled': ({ url, forSecs }) =>
    `La transmisión en directo ${url} no avanza desde hace ${Math.round(Number(forSecs))} s.`,
  'playback-stalled': ({ forSecs }) =>
    `No se ha cargado ni reproducido nada desde hace ${Math.round(Number(forSecs))} s: puede que la transmisión no esté en el aire.`,
  'renderer-unavailable': () => 'Aquí no funcionan ni WebGPU ni WebGL2: activa la aceleración por hardware.',
  'context-lost': () => 'Se perdieron los gráficos y se están recuperando.',
  'video-tainted': () =>
    'No se permite leer las imágenes de este vídeo: su servidor debe enviar Access-Control-Allow-Origin.',
};

/** @type {import('../element.d.ts').Labels} */
export default {
  lang: 'es',
  player: 'Reproductor de vídeo 360°',
  picture: 'Vídeo 360°. Las flechas giran la vista, más y menos cambian el zoom, Inicio mira al frente.',
  seek: 'Posición',
  volume: 'Volumen',
  quality: 'Calidad',
  audio: 'Audio',
  live: 'En directo',
  play: 'Reproducir',
  pause: 'Pausar',
  replay: 'Reproducir de nuevo',
  mute: 'Silenciar',
  unmute: 'Activar el sonido',
  goLive: 'Ir al directo',
  atLiveEdge: 'Reproduciendo en directo',
  recenter: 'Mirar al frente',
  motionOn: 'Seguir el movimiento del dispositivo',
  motionOff: 'Dejar de seguir el movimiento del dispositivo',
  enterImmersive: 'Ver en el visor',
  exitImmersive: 'Salir del visor',
  enterFullscreen: 'Pantalla completa',
  exitFullscreen: 'Salir de la pantalla completa',
  enterPictureInPicture: 'Imagen en imagen',
  exitPictureInPicture: 'Salir de imagen en imagen',
  pictureInPictureFailed: 'No hay imagen en imagen',
  help: 'Ayuda del teclado',
  close: 'Cerrar',
  retry: 'Reintentar',
  loading: 'Cargando',
  failed: 'Este vídeo no se puede reproducir',
  motionDenied:
    'Los sensores de movimiento no están disponibles. Permite a este sitio el acceso al movimiento.',
  immersiveFailed: 'No se pudo iniciar la sesión del visor',
  slowLink: 'La conexión es demasiado lenta para esta calidad.',
  switchToAuto: 'Cambiar a automática',
  touchHint: 'Usa dos dedos para mirar alrededor',
  auto: 'Automática',
  max: 'La mejor',
  highQualitySource: 'Fuente 4K',
  subtitles: 'Subtítulos',
  off: 'Desactivados',
  captionSize: 'Tamaño del texto',
  captionColor: 'Color del texto',
  captionBackground: 'Fondo del texto',
  white: 'Blanco',
  yellow: 'Amarillo',
  black: 'Negro',
  translucent: 'Translúcido',
  wheelHint: (key) => `${key} + rueda para hacer zoom`,
  seekPosition: (now, end) => `${now} de ${end}`,
  behindLive: (behind) => `${behind} por detrás del directo`,
  failure: ({ name, context }) => failures[name]?.(context),
  keys: [
    ['Espacio, K', 'Reproducir o pausar'],
    ['M', 'Silenciar o activar el sonido'],
    ['F', 'Pantalla completa'],
    ['C', 'Activar o desactivar los subtítulos'],
    ['← ↑ → ↓', 'Mirar alrededor'],
    ['+ −', 'Zoom'],
    ['Inicio', 'Mirar al frente'],
    ['Mayús + ← →', 'Atrás o adelante 5 segundos'],
    ['J, L', 'Atrás o adelante 10 segundos'],
    ['?', 'Esta ayuda'],
  ],
};
