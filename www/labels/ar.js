// @ts-check
/** The words of `<video-sphere>` in Arabic: `Object.assign(labels, pack)`. */

/**
 * What a viewer is told of a failure, by its name and facts; of a defect of ours, the English message.
 * @type {Record<string, (facts: Record<string, unknown>) => string>}
 */
const failures = {
  'invalid-url': ({ url }) => `‏«${url}» ليس عنوان بث: المطلوب عنوان http(s) لقائمة تشغيل HLS ‏(.m3u8).`,
  'network-unreachable': ({ url }) =>
    `يتعذر الوصول إلى ${url}: تحقق من الاتصال ومن العنوان. يجب أن يسمح الخادم بالوصول من هذه الصفحة (CORS).`,
  'network-timeout': ({ url }) => `لم يصل ${url} في الوقت المناسب: تحقق من الاتصال وحاول مرة أخرى.`,
  'network-status': ({ url, status }) => {
    if (status === 404) return `${url} غير موجود (HTTP 404): تحقق من العنوان.`;
    return status === 401 || status === 403
      ? `يرفض الخادم ${url} ‏(HTTP ${status}): الوصول غير مسموح أو انتهت صلاحيته.`
      : `أجاب الخادم برمز HTTP ${status} عن ${url}.`;
  },
  'network-truncated': ({ url }) => `انقطع ${url} قبل نهايته: حاول مرة أخرى.`,
  'network-too-large': ({ url }) => `${url} كبير جدًا.`,
  'request-function-failed': ({ url }) =>
    `لم تسمح هذه الصفحة بطلب ${url}: أعد تحميلها أو سجّل الدخول مرة أخرى.`,
  'not-a-playlist': ({ url }) => `${url} ليس قائمة تشغيل HLS: المطلوب عنوان ملف .m3u8.`,
  'playlist-invalid': ({ url, line, problem }) => `لا يمكن تشغيل القائمة ${url} (السطر ${line}: ${problem}).`,
  'no-playable-variant': ({ codecs }) => `لا يشغّل هذا المتصفح أيًّا من ترميزات البث (${codecs}).`,
  'unsupported-codec': ({ codec }) => `لا يستطيع هذا المتصفح تشغيل ${codec}.`,
  'unsupported-container': ({ url }) => `صيغة ${url} لا يمكن تشغيلها هنا.`,
  encrypted: ({ method }) => `البث مشفّر بطريقة ${method} ولا يمكن فك تشفيره هنا.`,
  'key-invalid': ({ url }) => `مفتاح فك التشفير ${url} ليس مفتاحًا.`,
  'decryption-failed': ({ url }) => `تعذر فك تشفير ${url} بمفتاحه.`,
  'decryption-unavailable': ({ detail }) => `البث مشفّر ولا يمكن فك تشفيره هنا: ${detail}`,
  'damaged-media': ({ format, problem }) => `بيانات الفيديو تالفة (${format}: ${problem}).`,
  'append-rejected': ({ detail }) => `رفض المتصفح بيانات الفيديو: ${detail}`,
  'buffer-full': () => 'ذاكرة الفيديو المؤقتة في المتصفح ممتلئة.',
  decode: ({ detail }) => `تعذر على المتصفح فك ترميز الفيديو: ${detail}`,
  'media-source-unsupported': () =>
    'لا يدعم هذا المتصفح Media Source Extensions: استخدم إصدارًا حديثًا من Chrome أو Edge أو Firefox أو Safari ‏(iOS 17.1 أو أحدث).',
  'live-playlist-stalled': ({ url, forSecs }) =>
    `البث المباشر ${url} متوقف منذ ${Math.round(Number(forSecs))} ث.`,
  'playback-stalled': ({ forSecs }) =>
    `لم يُحمَّل ولم يُشغَّل شيء منذ ${Math.round(Number(forSecs))} ث: ربما لا يُبثّ شيء الآن.`,
  'renderer-unavailable': () => 'لا يعمل WebGPU ولا WebGL2 هنا: فعّل تسريع العتاد.',
  'context-lost': () => 'فُقدت الرسوميات وتجري استعادتها.',
  'video-tainted': () => 'لا يُسمح بقراءة صور هذا الفيديو: يجب أن يرسل خادمه Access-Control-Allow-Origin.',
};

/** @type {import('../element.d.ts').Labels} */
export default {
  lang: 'ar',
  player: 'مشغّل فيديو 360°',
  picture: 'فيديو 360°. مفاتيح الأسهم لتدوير المشهد، وزائد وناقص للتكبير والتصغير، وHome للنظر إلى الأمام.',
  seek: 'الموضع',
  volume: 'مستوى الصوت',
  quality: 'الجودة',
  audio: 'الصوت',
  live: 'مباشر',
  play: 'تشغيل',
  pause: 'إيقاف مؤقت',
  replay: 'إعادة التشغيل',
  mute: 'كتم الصوت',
  unmute: 'إلغاء كتم الصوت',
  goLive: 'الانتقال إلى البث المباشر',
  atLiveEdge: 'يُعرض البث المباشر',
  recenter: 'النظر إلى الأمام',
  motionOn: 'اتباع حركة هذا الجهاز',
  motionOff: 'التوقف عن اتباع حركة هذا الجهاز',
  enterImmersive: 'المشاهدة في النظارة',
  exitImmersive: 'الخروج من النظارة',
  enterFullscreen: 'ملء الشاشة',
  exitFullscreen: 'الخروج من ملء الشاشة',
  enterPictureInPicture: 'صورة داخل صورة',
  exitPictureInPicture: 'إنهاء صورة داخل صورة',
  pictureInPictureFailed: 'تعذّر عرض صورة داخل صورة',
  help: 'مساعدة لوحة المفاتيح',
  close: 'إغلاق',
  retry: 'إعادة المحاولة',
  loading: 'جارٍ التحميل',
  failed: 'لا يمكن تشغيل هذا الفيديو',
  motionDenied: 'مستشعرات الحركة غير متاحة. اسمح لهذا الموقع بالوصول إلى الحركة.',
  immersiveFailed: 'تعذّر بدء جلسة النظارة',
  slowLink: 'الاتصال أبطأ من أن يناسب هذه الجودة.',
  switchToAuto: 'التبديل إلى تلقائي',
  touchHint: 'استخدم إصبعين للنظر حولك',
  auto: 'تلقائي',
  max: 'الأفضل',
  highQualitySource: 'مصدر 4K',
  subtitles: 'الترجمة',
  off: 'إيقاف',
  captionSize: 'حجم النص',
  captionColor: 'لون النص',
  captionBackground: 'خلفية النص',
  white: 'أبيض',
  yellow: 'أصفر',
  black: 'أسود',
  translucent: 'شبه شفاف',
  wheelHint: (key) => `${key} + التمرير للتكبير`,
  seekPosition: (now, end) => `${now} من ${end}`,
  behindLive: (behind) => `متأخر عن البث المباشر ${behind}`,
  failure: ({ name, context }) => failures[name]?.(context),
  keys: [
    ['المسافة، K', 'تشغيل أو إيقاف مؤقت'],
    ['M', 'كتم الصوت أو إلغاؤه'],
    ['F', 'ملء الشاشة'],
    ['C', 'تشغيل الترجمة أو إيقافها'],
    ['← ↑ → ↓', 'النظر حولك'],
    ['+ −', 'التكبير'],
    ['Home', 'النظر إلى الأمام'],
    ['Shift + ← →', '5 ثوانٍ إلى الخلف أو الأمام'],
    ['J, L', '10 ثوانٍ إلى الخلف أو الأمام'],
    ['?', 'هذه المساعدة'],
  ],
};
