// @ts-check
/** The words of `<video-sphere>` in Japanese: `Object.assign(labels, pack)`. */

/**
 * What a viewer is told of a failure, by its name and facts; of a defect of ours, the English message.
 * @type {Record<string, (facts: Record<string, unknown>) => string>}
 */
const failures = {
  'invalid-url': ({ url }) =>
    `「${url}」はストリームのアドレスではありません。HLS プレイリスト（.m3u8）の http(s) アドレスが必要です。`,
  'network-unreachable': ({ url }) =>
    `${url} に接続できません。ネットワークとアドレスを確認してください。サーバーがこのページからのアクセスを許可している必要があります（CORS）。`,
  'network-timeout': ({ url }) =>
    `${url} が時間内に届きませんでした。ネットワークを確認して、もう一度お試しください。`,
  'network-status': ({ url, status }) => {
    if (status === 404) return `${url} は存在しません（HTTP 404）。アドレスを確認してください。`;
    return status === 401 || status === 403
      ? `サーバーが ${url} を拒否しました（HTTP ${status}）。アクセスが許可されていないか、期限が切れています。`
      : `サーバーは ${url} に HTTP ${status} を返しました。`;
  },
  'network-truncated': ({ url }) => `${url} の受信が途中で切れました。もう一度お試しください。`,
  'network-too-large': ({ url }) => `${url} は大きすぎます。`,
  'request-function-failed': ({ url }) =>
    `このページは ${url} を許可しませんでした。再読み込みするか、もう一度ログインしてください。`,
  'not-a-playlist': ({ url }) =>
    `${url} は HLS プレイリストではありません。.m3u8 ファイルのアドレスが必要です。`,
  'playlist-invalid': ({ url, line, problem }) =>
    `プレイリスト ${url} は再生できません（${line} 行目: ${problem}）。`,
  'no-playable-variant': ({ codecs }) =>
    `このブラウザーは、ストリームのどのコーデックも再生できません（${codecs}）。`,
  'unsupported-codec': ({ codec }) => `このブラウザーは ${codec} を再生できません。`,
  'unsupported-container': ({ url }) => `${url} はここでは再生できない形式です。`,
  encrypted: ({ method }) => `ストリームは ${method} で暗号化されており、ここでは復号できません。`,
  'key-invalid': ({ url }) => `${url} にあるものは復号鍵ではありません。`,
  'decryption-failed': ({ url }) => `${url} はその鍵では復号できません。`,
  'decryption-unavailable': ({ detail }) => `配信は暗号化されており、ここでは復号できません: ${detail}`,
  'damaged-media': ({ format, problem }) => `動画データが壊れています（${format}: ${problem}）。`,
  'append-rejected': ({ detail }) => `ブラウザーが動画データを受け付けませんでした: ${detail}`,
  'buffer-full': () => 'ブラウザーの動画バッファーがいっぱいです。',
  decode: ({ detail }) => `ブラウザーが動画をデコードできませんでした: ${detail}`,
  'media-source-unsupported': () =>
    'このブラウザーには Media Source Extensions がありません。最新の Chrome、Edge、Firefox、または Safari（iOS 17.1 以降）をお使いください。',
  'live-playlist-stalled': ({ url, forSecs }) =>
    `ライブ配信 ${url} が ${Math.round(Number(forSecs))} 秒間止まっています。`,
  'playback-stalled': ({ forSecs }) =>
    `${Math.round(Number(forSecs))} 秒間、何も読み込まれず再生もされていません。配信が行われていない可能性があります。`,
  'renderer-unavailable': () =>
    'WebGPU も WebGL2 も使えません。ハードウェア アクセラレーションを有効にしてください。',
  'context-lost': () => '描画が失われたため、復元しています。',
  'video-tainted': () =>
    'この動画の画像を読み取ることは許可されていません。サーバーが Access-Control-Allow-Origin を送る必要があります。',
};

/** @type {import('../element.d.ts').Labels} */
export default {
  lang: 'ja',
  player: '360° 動画プレーヤー',
  picture: '360° 動画。矢印キーで見回し、＋と－で拡大縮小、Home で正面を向きます。',
  seek: '再生位置',
  volume: '音量',
  quality: '画質',
  audio: '音声',
  live: 'ライブ',
  play: '再生',
  pause: '一時停止',
  replay: 'もう一度再生',
  mute: 'ミュート',
  unmute: 'ミュートを解除',
  goLive: 'ライブの位置へ移動',
  atLiveEdge: 'ライブを再生中',
  recenter: '正面を向く',
  motionOn: '端末の動きに合わせる',
  motionOff: '端末の動きに合わせるのをやめる',
  enterImmersive: 'ヘッドセットで見る',
  exitImmersive: 'ヘッドセットを終了',
  enterFullscreen: '全画面',
  exitFullscreen: '全画面を終了',
  enterPictureInPicture: 'ピクチャー イン ピクチャー',
  exitPictureInPicture: 'ピクチャー イン ピクチャーを終了',
  pictureInPictureFailed: 'ピクチャー イン ピクチャーを開始できません',
  help: 'キーボードのヘルプ',
  close: '閉じる',
  retry: '再試行',
  loading: '読み込み中',
  failed: 'この動画は再生できません',
  motionDenied: 'モーションセンサーを利用できません。このサイトにモーションへのアクセスを許可してください。',
  immersiveFailed: 'ヘッドセットのセッションを開始できませんでした',
  slowLink: 'この画質には接続が遅すぎます。',
  switchToAuto: '自動に切り替える',
  touchHint: '2 本の指で見回せます',
  auto: '自動',
  max: '最高',
  highQualitySource: '4K ソース',
  subtitles: '字幕',
  off: 'オフ',
  captionSize: '文字の大きさ',
  captionColor: '文字の色',
  captionBackground: '文字の背景',
  white: '白',
  yellow: '黄',
  black: '黒',
  translucent: '半透明',
  wheelHint: (key) => `${key} + スクロールで拡大縮小`,
  seekPosition: (now, end) => `${end}中${now}`,
  behindLive: (behind) => `ライブから${behind}遅れ`,
  failure: ({ name, context }) => failures[name]?.(context),
  keys: [
    ['Space, K', '再生 / 一時停止'],
    ['M', 'ミュート / 解除'],
    ['F', '全画面'],
    ['C', '字幕のオン / オフ'],
    ['← ↑ → ↓', '見回す'],
    ['+ −', '拡大縮小'],
    ['Home', '正面を向く'],
    ['Shift + ← →', '5 秒戻る / 進む'],
    ['J, L', '10 秒戻る / 進む'],
    ['?', 'このヘルプ'],
  ],
};
