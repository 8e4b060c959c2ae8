// @ts-check
/**
 * Common Media Client Data of one player (CTA-5004, CTA-5004-B): what its requests are for and how playback is,
 * told to the servers that deliver it. Loaded where a page has set `cmcd`.
 *
 * In: the page's option, the worker's messages, what the media element does, and each request. Out: the request with a
 * query argument or headers more, and reports of events. It stores nothing, and a session's ID ends with the stream.
 * Not sent, as optional keys: `nor` and `nrr`, since what is next is decided when the answer is there, and `rtp`.
 */
import { EVENTS, EventTargetQueue } from './cmcd_events.js';
import { cmcdHeaders, cmcdText, isCustomKey, isKnownKey, withCmcdQuery } from './cmcd_text.js';

/**
 * @import { CmcdEvent, CmcdOptions, Stats, StreamRequest, Timeline, Variant } from './index.js'
 * @import { AskedOfPage, FromWorker } from './protocol.d.ts'
 * @import { CmcdData, CmcdValue } from './cmcd_text.js'
 */

/**
 * @typedef {object} CmcdHost
 * @property {HTMLVideoElement} video
 * @property {{ cmcd?: CmcdOptions | null }} options which may become others, for the next stream
 * @property {string[]} home the stream's addresses
 * @property {number} begunAt when it was loaded, as of `performance.now()`
 */

/** CMCD's words for what is asked for, but for media, of which the engine says it. @type {Record<string, string>} */
const OBJECTS = { playlist: 'm', init: 'i', key: 'k' };
/** Of a `cid`, by version. */
const MOST_ID_CHARS = { 1: 64, 2: 128 };

/** At a live edge the engine itself plays a little faster or slower. */
const LEAST_RATE_CHANGE = 0.15;

export class Cmcd {
  #host;
  #warn;
  /** @type {Session | undefined} */
  #session;

  /** @param {CmcdHost} host @param {(message: string, option: string) => void} warn of what cannot be used */
  constructor(host, warn) {
    this.#host = host;
    this.#warn = warn;
  }

  /** A stream is being loaded. */
  begin() {
    this.end();
    const { cmcd } = this.#host.options;
    if (cmcd) this.#session = new Session(this.#host, checked(cmcd, this.#warn));
  }

  /** It is over. */
  end() {
    this.#session?.end();
    this.#session = undefined;
  }

  /** @param {FromWorker} message */
  hear(message) {
    this.#session?.hear(message);
  }

  /**
   * A request with what is to be told.
   * @param {StreamRequest} request is changed @param {AskedOfPage['about']} about its media
   */
  mark(request, about) {
    this.#session?.mark(request, about);
  }
}

class Session {
  #host;
  #options;
  #abort = new AbortController();
  #id;
  /** @type {EventTargetQueue[]} */
  #targets;
  /** @type {ReturnType<typeof setInterval>[]} */
  #timers;
  /** Of requests: so many reports, and what they have told. */
  #requests = { stallsTold: 0, isStartTold: false };
  /** @type {readonly Variant[]} */
  #variants = [];
  /** @type {Stats} */
  #stats = {};
  /** @type {Timeline | undefined} */
  #timeline;
  #isSoundApart = false;
  #isFailed = false;
  #stalls = 0;
  /** Media is needed soon: at the start, after a seek or a stall. */
  #isUrgent = true;
  /** @type {number | undefined} when the viewer or the page wanted it to play */
  #wantedAt;
  /** @type {number | undefined} from then to the first frame */
  #startMillis;
  #state = '';

  /** @param {CmcdHost} host @param {CmcdOptions} options checked */
  constructor(host, options) {
    this.#host = host;
    this.#options = options;
    this.#id = options.sessionId ?? newId();
    if (!host.video.paused || host.video.autoplay) this.#wantedAt = host.begunAt;
    this.#targets = (options.eventTargets ?? []).map((target) => new EventTargetQueue(target));
    this.#timers = this.#targets.map((target) =>
      setInterval(() => {
        this.#reportTo(target, 't');
        target.send();
      }, target.intervalSecs * 1000),
    );
    this.#listen();
    if (options.contentId !== undefined) this.#report('c');
    this.#followState();
  }

  #listen() {
    const { video } = this.#host;
    const { signal } = this.#abort;
    const on = (/** @type {string} */ names, /** @type {(type: string) => void} */ act) => {
      for (const name of names.split(' ')) video.addEventListener(name, () => act(name), { signal });
    };
    on('play', () => (this.#wantedAt ??= performance.now()));
    on('playing', () => (this.#startMillis ??= performance.now() - (this.#wantedAt ?? this.#host.begunAt)));
    on('seeking', () => (this.#isUrgent = true));
    on('waiting', () => {
      this.#isUrgent = true;
      // At the start and after a seek it has to wait.
      if (this.#startMillis !== undefined && !video.seeking) this.#stalls += 1;
    });
    on('play playing pause waiting seeking seeked ended', () => this.#followState());
    let rate = video.playbackRate;
    on('ratechange', () => {
      if (Math.abs(video.playbackRate - rate) < LEAST_RATE_CHANGE) return;
      rate = video.playbackRate;
      this.#report('pr');
    });
    let { muted } = video;
    on('volumechange', () => {
      if (video.muted !== muted) this.#report(video.muted ? 'm' : 'um');
      muted = video.muted;
    });
    document.addEventListener('visibilitychange', () => this.#report('b'), { signal });
    // The page may not come back.
    addEventListener('pagehide', () => this.#flush(true), { signal });
  }

  /** @param {FromWorker} message */
  hear(message) {
    switch (message.kind) {
      case 'variants':
        this.#variants = message.variants;
        break;
      case 'stats':
        this.#stats = message.stats;
        break;
      case 'timeline':
        this.#timeline = message.timeline;
        break;
      case 'variantchange':
        this.#stats = { ...this.#stats, variant: message.id };
        this.#report('bc');
        break;
      case 'error':
        this.#isFailed ||= message.severity === 'fatal';
        this.#report('e', { ec: message.code });
        this.#followState();
        break;
    }
  }

  /** @param {StreamRequest} request @param {AskedOfPage['about']} about */
  mark(request, about) {
    const { mode = 'query', version = 1 } = this.#options;
    if (mode === 'none' || !/^https?:/.test(request.url)) return;
    const [track, secs, bps] = about ?? [];
    if (track) this.#isSoundApart ||= track === 'a' || track === 'v';
    const isMedia = request.resource === 'segment';
    const isPicture = track === 'v' || track === 'av';
    const ahead = this.#aheadMillis();
    if (this.#host.video.readyState === HTMLMediaElement.HAVE_ENOUGH_DATA) this.#isUrgent = false;
    const rate = this.#host.video.playbackRate || 1;
    const data = this.#filtered({
      ...this.#common(this.#requests, version),
      ot: isMedia ? track : OBJECTS[request.resource],
      ...(isMedia && secs !== undefined && { d: secs * 1000 }),
      ...(isPicture && this.#bitrates(bps, version)),
      ...(isMedia && track !== 'c' && { bl: ahead }),
      ...(isMedia && { dl: ahead / rate }),
      su: this.#isUrgent && request.resource !== 'playlist',
    });
    if (mode === 'query') request.url = withCmcdQuery(request.url, cmcdText(data, version));
    else Object.assign(request.headers, cmcdHeaders(data, version));
  }

  /**
   * What holds for requests and events alike.
   * @param {{ stallsTold: number, isStartTold: boolean }} told to whom it goes @param {1 | 2} version
   * @returns {CmcdData}
   */
  #common(told, version) {
    const { video } = this.#host;
    const isStarved = this.#stalls > told.stallsTold;
    told.stallsTold = this.#stalls;
    // Once in a session.
    const msd = told.isStartTold || version === 1 ? undefined : this.#startMillis;
    told.isStartTold ||= msd !== undefined;
    const { bandwidthBps, endToEndLatencySecs, liveLatencySecs } = this.#stats;
    const latencySecs = this.#timeline?.live ? (endToEndLatencySecs ?? liveLatencySecs) : undefined;
    const rate = video.paused ? 0 : video.playbackRate;
    const isDash = this.#host.home.some((url) => /^[^?#]*\.mpd([?#]|$)/i.test(url));
    return {
      ...this.#custom(),
      bg: document.hidden,
      bs: isStarved,
      cid: this.#options.contentId,
      ltc: latencySecs == null ? undefined : latencySecs * 1000,
      msd,
      mtp: bandwidthBps ? bandwidthBps / 1000 : undefined,
      pr: rate === 1 ? undefined : rate,
      sf: isDash ? 'd' : 'h',
      sid: this.#id,
      st: this.#timeline && (this.#timeline.live ? 'l' : 'v'),
      sta: this.#stateNow(),
      v: version,
    };
  }

  /**
   * A variant's BANDWIDTH is that of its sound too: where that is apart, version 2 calls it aggregate.
   * @param {number | undefined} bps @param {1 | 2} version @returns {CmcdData}
   */
  #bitrates(bps, version) {
    const top = Math.max(0, ...this.#variants.map(({ bandwidth }) => bandwidth)) / 1000 || undefined;
    const own = bps ? bps / 1000 : undefined;
    return version === 2 && this.#isSoundApart ? { ab: own, tab: top } : { br: own, tb: top };
  }

  /** @returns {Record<string, CmcdValue>} */
  #custom() {
    const { custom } = this.#options;
    try {
      const given = typeof custom === 'function' ? custom() : custom;
      return Object.fromEntries(Object.entries(given ?? {}).filter(([key]) => isCustomKey(key)));
    } catch {
      // A page's function that fails costs its own keys.
      return {};
    }
  }

  /** @param {CmcdData} data @param {readonly string[]} [keys] */
  #filtered(data, keys = this.#options.includeKeys) {
    if (!keys) return data;
    const must = ['v', 'e', 'ts'];
    return Object.fromEntries(
      Object.entries(data).filter(([key]) => keys.includes(key) || must.includes(key)),
    );
  }

  #aheadMillis() {
    const { buffered, currentTime } = this.#host.video;
    for (let index = 0; index < buffered.length; index += 1) {
      // The playhead may stand a frame before the first of it.
      const isHere = buffered.start(index) <= currentTime + 0.1 && buffered.end(index) > currentTime;
      if (isHere) return (buffered.end(index) - currentTime) * 1000;
    }
    return 0;
  }

  #stateNow() {
    const { video } = this.#host;
    if (this.#isFailed) return 'f';
    if (video.ended) return 'e';
    if (this.#startMillis === undefined) return video.paused && !video.autoplay ? 'd' : 's';
    if (video.seeking) return 'k';
    if (video.paused) return 'a';
    return video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA ? 'r' : 'p';
  }

  #followState() {
    const state = this.#stateNow();
    if (state === this.#state) return;
    this.#state = state;
    this.#report('ps');
  }

  /** @param {CmcdEvent} event @param {CmcdData} [more] */
  #report(event, more) {
    for (const target of this.#targets) this.#reportTo(target, event, more);
  }

  /** @param {EventTargetQueue} target @param {CmcdEvent} event @param {CmcdData} [more] */
  #reportTo(target, event, more) {
    if (!target.wants(event)) return;
    const variant = this.#variants.find(({ id }) => id === this.#stats.variant);
    const data = {
      ...this.#common(target, 2),
      ...this.#bitrates(variant?.bandwidth, 2),
      bl: this.#aheadMillis(),
      e: event,
      // What the event is about is said even where it is the usual.
      ...(event === 'pr' && { pr: this.#host.video.playbackRate }),
      sn: target.nextNumber(),
      ts: Date.now(),
      ...more,
    };
    target.add(this.#filtered(data, target.includeKeys ?? this.#options.includeKeys));
  }

  /** @param {boolean} isLast */
  #flush(isLast) {
    for (const target of this.#targets) target.send(isLast);
  }

  end() {
    if (this.#startMillis !== undefined && !['e', 'f'].includes(this.#state))
      this.#report('ps', { sta: 'q' });
    this.#abort.abort();
    for (const timer of this.#timers) clearInterval(timer);
    this.#flush(true);
  }
}

/** Where the page is served by plain HTTP there is no `randomUUID`. */
function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * The page's option without what cannot be used.
 * @param {CmcdOptions} given @param {(message: string, option: string) => void} warn @returns {CmcdOptions}
 */
function checked(given, warn) {
  /** @type {CmcdOptions} */
  const options = { ...given };
  /** @param {keyof CmcdOptions} name @param {boolean} isRight @param {string} rule */
  const check = (name, isRight, rule) => {
    if (given[name] === undefined || isRight) return;
    delete options[name];
    warn(`cmcd.${name} ${rule}; it is left out`, `cmcd.${name}`);
  };
  const isId = (/** @type {unknown} */ id, /** @type {number} */ most) =>
    typeof id === 'string' && id.length > 0 && id.length <= most;
  const isHttp = (/** @type {unknown} */ url) =>
    typeof url === 'string' &&
    URL.canParse(url, document.baseURI) &&
    /^https?:/.test(new URL(url, document.baseURI).href);
  const areKeys = (/** @type {unknown} */ keys) =>
    Array.isArray(keys) && keys.every((key) => isKnownKey(String(key)));
  const { mode, version, contentId, sessionId, includeKeys, custom, eventTargets } = given;
  check('mode', ['query', 'headers', 'none'].includes(String(mode)), 'is query, headers or none');
  check('version', version === 1 || version === 2, 'is 1 or 2');
  const most = MOST_ID_CHARS[options.version ?? 1];
  check('contentId', isId(contentId, most), `is a text of 1 to ${most} characters`);
  check('sessionId', isId(sessionId, 64), 'is a text of 1 to 64 characters');
  check(
    'includeKeys',
    areKeys(includeKeys),
    'is a list of keys of CMCD that this player sends, or of custom ones',
  );
  const isCustom = typeof custom === 'function' || Object.keys(custom ?? {}).every(isCustomKey);
  check('custom', isCustom, 'has names in lower case with a hyphen in them, such as com.example-yaw');
  const isPositive = (/** @type {unknown} */ number) => typeof number === 'number' && number > 0;
  const areEvents = (/** @type {unknown} */ events) =>
    Array.isArray(events) && events.every((event) => EVENTS.includes(event));
  const isTarget = (/** @type {NonNullable<CmcdOptions['eventTargets']>[number]} */ each) =>
    isHttp(each?.url) &&
    areEvents(each.events ?? []) &&
    isPositive(each.intervalSecs ?? 1) &&
    isPositive(each.batchSize ?? 1) &&
    areKeys(each.includeKeys ?? []);
  const rule = `is a list of {url, events, intervalSecs, batchSize, includeKeys}, with events of ${EVENTS.join(', ')}`;
  check('eventTargets', Array.isArray(eventTargets) && eventTargets.every(isTarget), rule);
  return options;
}
