/**
 * dash.js and Shaka play `?url=` beside one another.
 *
 * Out: `players`, each with its `video`, `choose(width)`, which takes a rung by the player's own API,
 * and `seen`: how far it has come since `forget()`, against the clock, and everything that a viewer
 * would call a freeze. `expect(secs)` has `seen.newFrames` count what was taken after that, in seconds
 * since 1970, as the media's times are. `told()` for failures.
 */
const SAMPLE_MS = 50;
/** With so much at hand it was the machine that was late, not the stream. */
const ENOUGH_SECS = 0.5;
/** Chromium's clock may go back by less than an AAC frame (21 ms) as the sound sets in. */
const CLOCK_SETTLES_SECS = 0.03;

class Watched {
  constructor(name) {
    this.name = name;
    this.errors = [];
    this.expectedSecs = Infinity;
    this.video = Object.assign(document.createElement('video'), { muted: true, width: 240 });
    document.body.append(this.video);
    this.forget();
    for (const type of ['waiting', 'seeking']) {
      this.video.addEventListener(type, () => {
        // A player whose machine was late may seek a tenth of a second.
        this.frameTime = 0;
        if (this.ahead() < ENOUGH_SECS) this.seen.starved.push(type);
      });
    }
    setInterval(() => this.sample(), SAMPLE_MS);
    const frame = (_, { mediaTime }) => {
      if (mediaTime < this.frameTime) this.seen.framesBack.push([this.frameTime, mediaTime]);
      this.frameTime = mediaTime;
      this.seen.newFrames += Number(mediaTime > this.expectedSecs);
      this.video.requestVideoFrameCallback(frame);
    };
    this.video.requestVideoFrameCallback(frame);
  }

  /** Begins to count anew. */
  forget() {
    const { currentTime } = this.video;
    this.from = this.media = currentTime;
    this.begun = this.since = this.moved = performance.now();
    this.frameTime = 0;
    this.seen = { secs: 0, wallSecs: 0, stillSecs: 0, backSecs: 0, starved: [], newFrames: 0, framesBack: [] };
  }

  /** Seconds that can be played without a hole. */
  ahead() {
    const { buffered, currentTime } = this.video;
    for (let at = 0; at < buffered.length; at += 1) {
      if (buffered.start(at) <= currentTime && currentTime < buffered.end(at)) return buffered.end(at) - currentTime;
    }
    return 0;
  }

  /** How long ago what is shown was taken, as the media's times count from 1970. */
  get latencySecs() {
    return (performance.timeOrigin + performance.now()) / 1000 - this.video.currentTime;
  }

  sample() {
    const [now, time] = [performance.now(), this.video.currentTime];
    // What the page itself slept through is no freeze.
    if (now - this.since > 150) this.moved += now - this.since - SAMPLE_MS;
    if (time > this.media) this.moved = now;
    this.seen.stillSecs = Math.max(this.seen.stillSecs, (now - this.moved) / 1000);
    this.seen.backSecs = Math.max(this.seen.backSecs, this.media - time - CLOCK_SETTLES_SECS);
    [this.since, this.media] = [now, time];
    Object.assign(this.seen, { secs: time - this.from, wallSecs: (now - this.begun) / 1000 });
  }
}

class DashJs extends Watched {
  constructor(url) {
    super('dash.js');
    this.player = dashjs.MediaPlayer().create();
    this.player.on('error', ({ error }) => this.errors.push(error.message));
    this.player.updateSettings({
      debug: { logLevel: dashjs.Debug.LOG_LEVEL_NONE },
      streaming: { abr: { autoSwitchBitrate: { video: false } } },
    });
    this.player.initialize(this.video, url, true);
  }

  choose(width) {
    const rungs = this.player.getRepresentationsByType('video');
    this.player.setRepresentationForTypeById('video', rungs.find((rung) => rung.width === width).id);
  }
}

class Shaka extends Watched {
  constructor(url) {
    super('Shaka');
    this.player = new shaka.Player();
    this.player.addEventListener('error', ({ detail }) => this.errors.push(`${detail.severity} ${detail.code}`));
    this.player.configure({ abr: { enabled: false } });
    this.load(url).catch((error) => this.errors.push(`${error.severity} ${error.code}`));
  }

  async load(url) {
    await this.player.attach(this.video);
    await this.player.load(url);
    await this.video.play();
  }

  choose(width) {
    this.player.selectVariantTrack(this.player.getVariantTracks().find((track) => track.width === width));
  }
}

const url = new URL(location).searchParams.get('url');
window.players = [new DashJs(url), new Shaka(url)];
window.forget = () => players.forEach((player) => player.forget());
window.expect = (secs) => players.forEach((player) => Object.assign(player, { expectedSecs: secs }));
window.choose = (width) => players.forEach((player) => player.choose(width));
window.told = () => players.map((it) => ({
  name: it.name, errors: it.errors, ...it.seen, latencySecs: it.latencySecs, aheadSecs: it.ahead(),
  state: it.video.readyState, width: it.video.videoWidth,
}));
