// @ts-check
/** The words of `<video-sphere>` in Polish: `Object.assign(labels, pack)`. */

/**
 * What a viewer is told of a failure, by its name and facts; of a defect of ours, the English message.
 * @type {Record<string, (facts: Record<string, unknown>) => string>}
 */
const failures = {
  'invalid-url': ({ url }) =>
    `„${url}” nie jest adresem strumienia: potrzebny jest adres http(s) playlisty HLS (.m3u8).`,
  'network-unreachable': ({ url }) =>
    `Nie można połączyć się z ${url}: sprawdź połączenie i adres. Serwer musi zezwalać na dostęp z tej strony (CORS).`,
  'network-timeout': ({ url }) => `${url} nie dotarło na czas: sprawdź połączenie i spróbuj ponownie.`,
  'network-status': ({ url, status }) => {
    if (status === 404) return `${url} nie istnieje (HTTP 404): sprawdź adres.`;
    return status === 401 || status === 403
      ? `Serwer odmawia dostępu do ${url} (HTTP ${status}): dostęp jest niedozwolony lub wygasł.`
      : `Serwer odpowiedział HTTP ${status} na ${url}.`;
  },
  'network-truncated': ({ url }) => `Pobieranie ${url} przerwało się przed końcem: spróbuj ponownie.`,
  'network-too-large': ({ url }) => `${url} jest za duże.`,
  'request-function-failed': ({ url }) =>
    `Ta strona nie zezwoliła na ${url}: wczytaj ją ponownie albo zaloguj się jeszcze raz.`,
  'not-a-playlist': ({ url }) => `${url} nie jest playlistą HLS: potrzebny jest adres pliku .m3u8.`,
  'playlist-invalid': ({ url, line, problem }) =>
    `Nie można odtworzyć playlisty ${url} (wiersz ${line}: ${problem}).`,
  'no-playable-variant': ({ codecs }) =>
    `Ta przeglądarka nie odtwarza żadnego z kodeków strumienia (${codecs}).`,
  'unsupported-codec': ({ codec }) => `Ta przeglądarka nie może odtworzyć ${codec}.`,
  'unsupported-container': ({ url }) => `${url} ma format, którego nie można tu odtworzyć.`,
  encrypted: ({ method }) => `Strumień jest zaszyfrowany metodą ${method} i nie można go tu odszyfrować.`,
  'key-invalid': ({ url }) => `To, co jest pod adresem ${url}, nie jest kluczem.`,
  'decryption-failed': ({ url }) => `${url} nie daje się odszyfrować swoim kluczem.`,
  'decryption-unavailable': ({ detail }) =>
    `Strumień jest zaszyfrowany i nie można go tu odszyfrować: ${detail}`,
  'damaged-media': ({ format, problem }) => `Dane wideo są uszkodzone (${format}: ${problem}).`,
  'append-rejected': ({ detail }) => `Przeglądarka odrzuciła dane wideo: ${detail}`,
  'buffer-full': () => 'Bufor wideo przeglądarki jest pełny.',
  decode: ({ detail }) => `Przeglądarka nie mogła zdekodować wideo: ${detail}`,
  'media-source-unsupported': () =>
    'Ta przeglądarka nie ma Media Source Extensions: użyj aktualnej wersji Chrome, Edge, Firefoksa lub Safari (iOS 17.1 lub nowszy).',
  'live-playlist-stalled': ({ url, forSecs }) =>
    `Transmisja ${url} stoi w miejscu od ${Math.round(Number(forSecs))} s.`,
  'playback-stalled': ({ forSecs }) =>
    `Od ${Math.round(Number(forSecs))} s nic się nie wczytuje ani nie odtwarza: być może strumień nie jest nadawany.`,
  'renderer-unavailable': () => 'Nie działa tu ani WebGPU, ani WebGL2: włącz przyspieszenie sprzętowe.',
  'context-lost': () => 'Grafika została utracona i jest przywracana.',
  'video-tainted': () =>
    'Obrazów tego wideo nie wolno odczytywać: jego serwer musi wysyłać Access-Control-Allow-Origin.',
};

/** @type {import('../element.d.ts').Labels} */
export default {
  lang: 'pl',
  player: 'Odtwarzacz wideo 360°',
  picture: 'Wideo 360°. Strzałki obracają widok, plus i minus zmieniają powiększenie, Home patrzy na wprost.',
  seek: 'Pozycja',
  volume: 'Głośność',
  quality: 'Jakość',
  audio: 'Dźwięk',
  live: 'Na żywo',
  play: 'Odtwórz',
  pause: 'Wstrzymaj',
  replay: 'Odtwórz ponownie',
  mute: 'Wycisz',
  unmute: 'Włącz dźwięk',
  goLive: 'Przejdź do transmisji na żywo',
  atLiveEdge: 'Odtwarzanie na żywo',
  recenter: 'Patrz na wprost',
  motionOn: 'Podążaj za ruchem urządzenia',
  motionOff: 'Przestań podążać za ruchem urządzenia',
  enterImmersive: 'Oglądaj w goglach',
  exitImmersive: 'Wyjdź z gogli',
  enterFullscreen: 'Pełny ekran',
  exitFullscreen: 'Zamknij pełny ekran',
  enterPictureInPicture: 'Obraz w obrazie',
  exitPictureInPicture: 'Zamknij obraz w obrazie',
  pictureInPictureFailed: 'Obraz w obrazie niedostępny',
  help: 'Pomoc klawiatury',
  close: 'Zamknij',
  retry: 'Spróbuj ponownie',
  loading: 'Wczytywanie',
  failed: 'Nie można odtworzyć tego wideo',
  motionDenied: 'Czujniki ruchu są niedostępne. Zezwól tej stronie na dostęp do ruchu.',
  immersiveFailed: 'Nie udało się rozpocząć sesji w goglach',
  slowLink: 'Połączenie jest zbyt wolne dla tej jakości.',
  switchToAuto: 'Przełącz na automatyczną',
  touchHint: 'Rozglądaj się dwoma palcami',
  auto: 'Automatyczna',
  max: 'Najlepsza',
  highQualitySource: 'Źródło 4K',
  subtitles: 'Napisy',
  off: 'Wyłączone',
  captionSize: 'Rozmiar tekstu',
  captionColor: 'Kolor tekstu',
  captionBackground: 'Tło tekstu',
  white: 'Biały',
  yellow: 'Żółty',
  black: 'Czarny',
  translucent: 'Półprzezroczyste',
  wheelHint: (key) => `${key} + przewijanie, aby powiększyć`,
  seekPosition: (now, end) => `${now} z ${end}`,
  behindLive: (behind) => `${behind} za transmisją na żywo`,
  failure: ({ name, context }) => failures[name]?.(context),
  keys: [
    ['Spacja, K', 'Odtwórz lub wstrzymaj'],
    ['M', 'Wycisz lub włącz dźwięk'],
    ['F', 'Pełny ekran'],
    ['C', 'Włącz lub wyłącz napisy'],
    ['← ↑ → ↓', 'Rozejrzyj się'],
    ['+ −', 'Powiększenie'],
    ['Home', 'Patrz na wprost'],
    ['Shift + ← →', '5 sekund wstecz lub naprzód'],
    ['J, L', '10 sekund wstecz lub naprzód'],
    ['?', 'Ta pomoc'],
  ],
};
