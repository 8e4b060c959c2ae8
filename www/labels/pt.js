// @ts-check
/** The words of `<video-sphere>` in Portuguese: `Object.assign(labels, pack)`. */

/**
 * What a viewer is told of a failure, by its name and facts; of a defect of ours, the English message.
 * @type {Record<string, (facts: Record<string, unknown>) => string>}
 */
const failures = {
  'invalid-url': ({ url }) =>
    `“${url}” não é o endereço de uma transmissão: é preciso o endereço http(s) de uma lista HLS (.m3u8).`,
  'network-unreachable': ({ url }) =>
    `Não é possível aceder a ${url}: verifique a ligação e o endereço. O servidor tem de permitir o acesso a partir desta página (CORS).`,
  'network-timeout': ({ url }) => `${url} não chegou a tempo: verifique a ligação e tente de novo.`,
  'network-status': ({ url, status }) => {
    if (status === 404) return `${url} não existe (HTTP 404): verifique o endereço.`;
    return status === 401 || status === 403
      ? `O servidor recusa ${url} (HTTP ${status}): o acesso não é permitido ou expirou.`
      : `O servidor respondeu HTTP ${status} a ${url}.`;
  },
  'network-truncated': ({ url }) => `${url} foi interrompido antes do fim: tente de novo.`,
  'network-too-large': ({ url }) => `${url} é demasiado grande.`,
  'request-function-failed': ({ url }) =>
    `Esta página não autorizou ${url}: carregue-a de novo ou volte a iniciar sessão.`,
  'not-a-playlist': ({ url }) => `${url} não é uma lista HLS: é preciso o endereço de um ficheiro .m3u8.`,
  'playlist-invalid': ({ url, line, problem }) =>
    `A lista ${url} não pode ser reproduzida (linha ${line}: ${problem}).`,
  'no-playable-variant': ({ codecs }) =>
    `Este navegador não reproduz nenhum dos codecs da transmissão (${codecs}).`,
  'unsupported-codec': ({ codec }) => `Este navegador não consegue reproduzir ${codec}.`,
  'unsupported-container': ({ url }) => `${url} tem um formato que não pode ser reproduzido aqui.`,
  encrypted: ({ method }) => `A transmissão está cifrada com ${method} e não pode ser decifrada aqui.`,
  'key-invalid': ({ url }) => `O que está em ${url} não é uma chave de decifração.`,
  'decryption-failed': ({ url }) => `${url} não se decifra com a sua chave.`,
  'decryption-unavailable': ({ detail }) =>
    `A transmissão está cifrada e não pode ser decifrada aqui: ${detail}`,
  'damaged-media': ({ format, problem }) => `Os dados do vídeo estão danificados (${format}: ${problem}).`,
  'append-rejected': ({ detail }) => `O navegador rejeitou os dados do vídeo: ${detail}`,
  'buffer-full': () => 'A memória de vídeo do navegador está cheia.',
  decode: ({ detail }) => `O navegador não conseguiu descodificar o vídeo: ${detail}`,
  'media-source-unsupported': () =>
    'Este navegador não tem Media Source Extensions: use uma versão atual do Chrome, Edge, Firefox ou Safari (iOS 17.1 ou posterior).',
  'live-playlist-stalled': ({ url, forSecs }) =>
    `A transmissão em direto ${url} está parada há ${Math.round(Number(forSecs))} s.`,
  'playback-stalled': ({ forSecs }) =>
    `Há ${Math.round(Number(forSecs))} s que nada é carregado nem reproduzido: talvez a transmissão não esteja no ar.`,
  'renderer-unavailable': () => 'Aqui não funcionam nem WebGPU nem WebGL2: ative a aceleração por hardware.',
  'context-lost': () => 'A imagem perdeu-se e está a ser recuperada.',
  'video-tainted': () =>
    'As imagens deste vídeo não podem ser lidas: o seu servidor tem de enviar Access-Control-Allow-Origin.',
};

/** @type {import('../element.d.ts').Labels} */
export default {
  lang: 'pt',
  player: 'Leitor de vídeo 360°',
  picture: 'Vídeo 360°. As setas giram a vista, mais e menos mudam o zoom, Home olha em frente.',
  seek: 'Posição',
  volume: 'Volume',
  quality: 'Qualidade',
  audio: 'Áudio',
  live: 'Ao vivo',
  play: 'Reproduzir',
  pause: 'Pausar',
  replay: 'Reproduzir de novo',
  mute: 'Silenciar',
  unmute: 'Ativar o som',
  goLive: 'Ir para o ao vivo',
  atLiveEdge: 'A reproduzir ao vivo',
  recenter: 'Olhar em frente',
  motionOn: 'Seguir o movimento do dispositivo',
  motionOff: 'Deixar de seguir o movimento do dispositivo',
  enterImmersive: 'Ver nos óculos',
  exitImmersive: 'Sair dos óculos',
  enterFullscreen: 'Ecrã inteiro',
  exitFullscreen: 'Sair do ecrã inteiro',
  enterPictureInPicture: 'Imagem na imagem',
  exitPictureInPicture: 'Sair da imagem na imagem',
  pictureInPictureFailed: 'Não há imagem na imagem',
  help: 'Ajuda do teclado',
  close: 'Fechar',
  retry: 'Tentar de novo',
  loading: 'A carregar',
  failed: 'Não é possível reproduzir este vídeo',
  motionDenied: 'Os sensores de movimento não estão disponíveis. Permita o acesso ao movimento neste site.',
  immersiveFailed: 'Não foi possível iniciar a sessão dos óculos',
  slowLink: 'A ligação é demasiado lenta para esta qualidade.',
  switchToAuto: 'Mudar para automática',
  touchHint: 'Use dois dedos para olhar em volta',
  auto: 'Automática',
  max: 'A melhor',
  highQualitySource: 'Fonte 4K',
  subtitles: 'Legendas',
  off: 'Desligadas',
  captionSize: 'Tamanho do texto',
  captionColor: 'Cor do texto',
  captionBackground: 'Fundo do texto',
  white: 'Branco',
  yellow: 'Amarelo',
  black: 'Preto',
  translucent: 'Translúcido',
  wheelHint: (key) => `${key} + roda para ampliar`,
  seekPosition: (now, end) => `${now} de ${end}`,
  behindLive: (behind) => `${behind} atrás do ao vivo`,
  failure: ({ name, context }) => failures[name]?.(context),
  keys: [
    ['Espaço, K', 'Reproduzir ou pausar'],
    ['M', 'Silenciar ou ativar o som'],
    ['F', 'Ecrã inteiro'],
    ['C', 'Ligar ou desligar as legendas'],
    ['← ↑ → ↓', 'Olhar em volta'],
    ['+ −', 'Zoom'],
    ['Home', 'Olhar em frente'],
    ['Shift + ← →', 'Recuar ou avançar 5 segundos'],
    ['J, L', 'Recuar ou avançar 10 segundos'],
    ['?', 'Esta ajuda'],
  ],
};
