// @ts-check
/** The words of `<video-sphere>` in Chinese: `Object.assign(labels, pack)`. */

/**
 * What a viewer is told of a failure, by its name and facts; of a defect of ours, the English message.
 * @type {Record<string, (facts: Record<string, unknown>) => string>}
 */
const failures = {
  'invalid-url': ({ url }) => `“${url}”不是视频流地址：需要 HLS 播放列表（.m3u8）的 http(s) 地址。`,
  'network-unreachable': ({ url }) => `无法访问 ${url}：请检查网络和地址。服务器必须允许此页面访问（CORS）。`,
  'network-timeout': ({ url }) => `${url} 没有及时到达：请检查网络后重试。`,
  'network-status': ({ url, status }) => {
    if (status === 404) return `${url} 不存在（HTTP 404）：请检查地址。`;
    return status === 401 || status === 403
      ? `服务器拒绝了 ${url}（HTTP ${status}）：没有访问权限或权限已过期。`
      : `服务器对 ${url} 返回了 HTTP ${status}。`;
  },
  'network-truncated': ({ url }) => `${url} 的传输中途断开：请重试。`,
  'network-too-large': ({ url }) => `${url} 太大。`,
  'request-function-failed': ({ url }) => `此页面没有放行 ${url}：请重新加载或重新登录。`,
  'not-a-playlist': ({ url }) => `${url} 不是 HLS 播放列表：需要 .m3u8 文件的地址。`,
  'playlist-invalid': ({ url, line, problem }) => `播放列表 ${url} 无法播放（第 ${line} 行：${problem}）。`,
  'no-playable-variant': ({ codecs }) => `此浏览器无法播放该视频流的任何编码（${codecs}）。`,
  'unsupported-codec': ({ codec }) => `此浏览器无法播放 ${codec}。`,
  'unsupported-container': ({ url }) => `${url} 的格式无法在此播放。`,
  encrypted: ({ method }) => `视频流使用 ${method} 加密，无法在此解密。`,
  'key-invalid': ({ url }) => `${url} 上的内容不是解密密钥。`,
  'decryption-failed': ({ url }) => `无法用其密钥解密 ${url}。`,
  'decryption-unavailable': ({ detail }) => `视频流已加密，无法在此解密：${detail}`,
  'damaged-media': ({ format, problem }) => `视频数据已损坏（${format}：${problem}）。`,
  'append-rejected': ({ detail }) => `浏览器拒绝了视频数据：${detail}`,
  'buffer-full': () => '浏览器的视频缓冲区已满。',
  decode: ({ detail }) => `浏览器无法解码视频：${detail}`,
  'media-source-unsupported': () =>
    '此浏览器没有 Media Source Extensions：请使用最新的 Chrome、Edge、Firefox 或 Safari（iOS 17.1 或更高版本）。',
  'live-playlist-stalled': ({ url, forSecs }) => `直播 ${url} 已停滞 ${Math.round(Number(forSecs))} 秒。`,
  'playback-stalled': ({ forSecs }) =>
    `已有 ${Math.round(Number(forSecs))} 秒没有加载或播放任何内容：视频流可能没有在播出。`,
  'renderer-unavailable': () => 'WebGPU 和 WebGL2 在此都不可用：请开启硬件加速。',
  'context-lost': () => '图形显示丢失，正在恢复。',
  'video-tainted': () => '不允许读取此视频的画面：其服务器必须发送 Access-Control-Allow-Origin。',
};

/** @type {import('../element.d.ts').Labels} */
export default {
  lang: 'zh',
  player: '360° 视频播放器',
  picture: '360° 视频。方向键环顾四周，加号和减号缩放，Home 键看向正前方。',
  seek: '播放位置',
  volume: '音量',
  quality: '画质',
  audio: '音轨',
  live: '直播',
  play: '播放',
  pause: '暂停',
  replay: '重新播放',
  mute: '静音',
  unmute: '取消静音',
  goLive: '回到直播',
  atLiveEdge: '正在直播',
  recenter: '看向正前方',
  motionOn: '跟随设备的移动',
  motionOff: '停止跟随设备的移动',
  enterImmersive: '在头显中观看',
  exitImmersive: '退出头显',
  enterFullscreen: '全屏',
  exitFullscreen: '退出全屏',
  enterPictureInPicture: '画中画',
  exitPictureInPicture: '退出画中画',
  pictureInPictureFailed: '无法进入画中画',
  help: '键盘帮助',
  close: '关闭',
  retry: '重试',
  loading: '正在加载',
  failed: '无法播放此视频',
  motionDenied: '运动传感器不可用。请允许此网站访问运动数据。',
  immersiveFailed: '无法启动头显会话',
  slowLink: '当前网速不足以播放此画质。',
  switchToAuto: '切换为自动',
  touchHint: '用两根手指环顾四周',
  auto: '自动',
  max: '最佳',
  highQualitySource: '4K 源',
  subtitles: '字幕',
  off: '关闭',
  captionSize: '文字大小',
  captionColor: '文字颜色',
  captionBackground: '文字背景',
  white: '白色',
  yellow: '黄色',
  black: '黑色',
  translucent: '半透明',
  wheelHint: (key) => `按住 ${key} 并滚动以缩放`,
  seekPosition: (now, end) => `${now}，共 ${end}`,
  behindLive: (behind) => `落后直播 ${behind}`,
  failure: ({ name, context }) => failures[name]?.(context),
  keys: [
    ['空格, K', '播放或暂停'],
    ['M', '静音或取消静音'],
    ['F', '全屏'],
    ['C', '开启或关闭字幕'],
    ['← ↑ → ↓', '环顾四周'],
    ['+ −', '缩放'],
    ['Home', '看向正前方'],
    ['Shift + ← →', '后退或前进 5 秒'],
    ['J, L', '后退或前进 10 秒'],
    ['?', '此帮助'],
  ],
};
