//! Subtitles: listed as HTML has it, loaded when chosen, drawn over the picture.

use anyhow::{Context, Result, ensure};
use browser_tests::{PlayerPage, Scene};
use serde_json::json;
use webdriver::Browser::Chromium;

const MASTER: &str = "#EXTM3U\n\
    #EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"s\",NAME=\"English\",LANGUAGE=\"en\",AUTOSELECT=YES,URI=\"en.m3u8\"\n\
    #EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"s\",NAME=\"Deutsch\",LANGUAGE=\"de\",AUTOSELECT=YES,URI=\"de.m3u8\"\n\
    #EXT-X-STREAM-INF:BANDWIDTH=400000,CODECS=\"avc1.64000c\",RESOLUTION=320x160,SUBTITLES=\"s\"\n\
    v.m3u8\n";

fn list(name: &str, extension: &str) -> String {
    let head = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-PLAYLIST-TYPE:VOD\n".to_owned();
    let segment = |number| format!("#EXTINF:2,\n/fixtures/tracks/{name}_{number}.{extension}\n");
    (1..=3).map(segment).fold(head, |text, line| text + &line) + "#EXT-X-ENDLIST\n"
}

/// Serves a stream with two languages of subtitles.
fn serve(page: &PlayerPage, folder: &str, master: &str) {
    page.serve_playlist(&format!("/{folder}/master.m3u8"), master);
    page.serve_playlist(&format!("/{folder}/v.m3u8"), &list("video", "ts"));
    for language in ["en", "de"] {
        page.serve_playlist(&format!("/{folder}/{language}.m3u8"), &list(language, "vtt"));
    }
}

/// Starts it, paused.
fn open(page: &PlayerPage, folder: &str) -> Result<()> {
    page.act(&format!(
        "forget(); sphere.loop = false; sphere.src = '/{folder}/master.m3u8'; window.cues = (index) =>
           [...(sphere.textTracks[index].cues ?? [])].map(({{ startTime, endTime, text }}) =>
             [Math.round(startTime * 1000) / 1000, Math.round(endTime * 1000) / 1000, text]);
         window.drawn = () => [...(sphere.shadowRoot ?? document).querySelectorAll('.caption')].map((it) =>
           it.textContent);
         window.asked = (part) =>
           performance.getEntriesByType('resource').filter(({{ name }}) => name.includes(part)).length"
    ))?;
    page.wait("sphere.readyState >= 2")?;
    Ok(())
}

/// In a session of another test, of any browser: a language chosen, listed and drawn; a date range told.
pub fn play(page: &PlayerPage) -> Result<()> {
    let video = list("video", "ts").replacen(
        "#EXTINF",
        "#EXT-X-PROGRAM-DATE-TIME:2026-11-29T08:00:00Z\n\
         #EXT-X-DATERANGE:ID=\"view\",START-DATE=\"2026-11-29T08:00:03.6Z\",DURATION=1,X-YAW=90\n#EXTINF",
        1,
    );
    page.serve_playlist("/any/master.m3u8", MASTER);
    page.serve_playlist("/any/v.m3u8", &video);
    page.serve_playlist("/any/en.m3u8", &list("en", "vtt"));
    page.act(
        "window.told = []; sphere.addEventListener('metadata', ({ detail }) =>
           told.push([detail.id, Math.round(detail.startTime * 10) / 10, detail.data['X-YAW']]))",
    )?;
    page.act("sphere.pause()")?;
    open(page, "any")?;
    page.wait("sphere.textTracks.length >= 2 && sphere.textTracks[0].label === 'English'")?;
    page.act("sphere.textTracks[0].mode = 'showing'")?;
    page.wait("cues(0).length === 3")?;
    assert_eq!(
        page.get("cues(0)[1]")?,
        json!([3, 5, "<v Ann>Second cue</v>\n<v Ann>two lines</v>"])
    );
    page.act("sphere.currentTime = 3.2")?;
    page.wait("drawn()[0] === 'Second cuetwo lines'")?;
    page.act("sphere.play().catch(() => {})")?;
    page.wait("sphere.ended && told.length > 0")?;
    assert_eq!(page.get("[told, details.failure]")?, json!([[["view", 3.6, "90"]], []]));
    Ok(())
}

/// Text that is encrypted, its key named by the session; and what the manifest says of the whole stream.
fn sealed(page: &PlayerPage) -> Result<()> {
    let key = "METHOD=AES-128,URI=\"/fixtures/aes128/a.key\",IV=0x7";
    let of_session = format!(
        "#EXTM3U\n#EXT-X-SESSION-KEY:{key}\n\
         #EXT-X-SESSION-DATA:DATA-ID=\"com.example.title\",LANGUAGE=\"en\",VALUE=\"Harbour\"\n\
         #EXT-X-SESSION-DATA:DATA-ID=\"com.example.shots\",URI=\"shots.json\"\n"
    );
    serve(page, "sealed", &MASTER.replacen("#EXTM3U\n", &of_session, 1));
    let text = list("en", "vtt").replace("/fixtures/tracks/", "/fixtures/aes128/");
    let text = text.replacen("#EXTINF", &format!("#EXT-X-KEY:{key}\n#EXTINF"), 1);
    page.serve_playlist("/sealed/en.m3u8", &text);
    page.serve_playlist("/sealed/shots.json", "{\"shots\":[1,2]}");
    open(page, "sealed")?;
    page.wait("sphere.textTracks.length === 2 && sphere.sessionData.length === 2")?;
    assert_eq!(
        page.get("sphere.sessionData.map(({ id, language, value, format }) => [id, language, value, format])")?,
        json!([["com.example.title", "en", "Harbour", null], ["com.example.shots", "", null, "json"]])
    );
    assert_eq!(page.get("asked('shots.json')")?, json!(0), "nobody wanted it");
    page.act(
        "window.said = []; (async () => {
           for (const entry of sphere.sessionData) said.push(await sphere.loadSessionData(entry));
         })()",
    )?;
    page.wait("said.length === 2")?;
    assert_eq!(page.get("said")?, json!(["Harbour", { "shots": [1, 2] }]));
    page.act("sphere.textTracks[0].mode = 'showing'")?;
    page.wait("cues(0).length === 3")?;
    assert_eq!(page.get("cues(0)[0]")?, json!([0.5, 2.5, "First <i>cue</i> &amp; one"]));
    assert_eq!(page.get("details.failure")?, json!([]));
    Ok(())
}

#[test]
#[ignore = "needs Chromium"]
fn subtitles_are_listed_chosen_and_drawn() -> Result<()> {
    Scene::new(Chromium).play(|page| {
        serve(page, "texts", MASTER);
        open(page, "texts")?;
        page.wait("sphere.textTracks.length === 2")?;
        let track = "[...sphere.textTracks].map(({ kind, label, language, mode }) => [kind, label, language, mode])";
        assert_eq!(
            page.get(track)?,
            json!([
                ["subtitles", "English", "en", "disabled"],
                ["subtitles", "Deutsch", "de", "disabled"]
            ])
        );
        assert_eq!(page.get("asked('.vtt') + asked('captions')")?, json!(0), "nobody chose any");

        page.act("sphere.textTracks[0].mode = 'showing'")?;
        page.wait("cues(0).length === 3")?;
        assert_eq!(
            page.get("cues(0)")?,
            json!([
                [0.5, 2.5, "First <i>cue</i> &amp; one"],
                [3, 5, "<v Ann>Second cue</v>\n<v Ann>two lines</v>"],
                [5.5, 8.5, "Crosses a segment <c.red>border</c>"]
            ])
        );
        page.act("sphere.currentTime = 1")?;
        page.wait("drawn()[0] === 'First cue & one'")?;
        // Where the file has it, and in its colour.
        let place = "(() => {
          const box = sphere.shadowRoot.querySelector('.caption');
          const stage = sphere.getBoundingClientRect();
          const { top } = box.getBoundingClientRect();
          const text = box.querySelector('.caption-text');
          return [(top - stage.top) / stage.height < 0.2, getComputedStyle(text).color, box.lang];
        })()";
        assert_eq!(page.get(place)?, json!([true, "rgb(255, 255, 0)", "en"]));
        page.act("sphere.currentTime = 3.5")?;
        page.wait("drawn()[0] === 'Second cuetwo lines'")?;
        page.act("sphere.currentTime = 2.75")?;
        page.wait("drawn().length === 0")?;

        // Another language: what was drawn goes, what was loaded too.
        page.act("sphere.textTracks[0].mode = 'disabled'; sphere.textTracks[1].mode = 'showing';
            sphere.currentTime = 1")?;
        page.wait("drawn()[0] === 'Erster'")?;
        page.act("sphere.textTracks[0].mode = 'hidden'")?;
        page.wait("cues(0).length === 3 && cues(1).length === 2")?;
        assert_eq!(page.get("drawn()")?, json!(["Erster"]), "hidden is not shown");
        assert_eq!(page.get("details.failure")?, json!([]));

        sealed(page)?;

        // Another stream has none of them.
        page.act("sphere.src = '/media/ts/master.m3u8'")?;
        page.wait("sphere.textTracks.length === 0 && drawn().length === 0")?;
        Ok(())
    })
}

/// Captions in the pictures, CEA-608 and 708, of fMP4: on screen as soon as they are there.
fn captions(page: &PlayerPage, folder: &str) -> Result<()> {
    let map = "#EXT-X-MAP:URI=\"/fixtures/tracks/captions_init.mp4\"\n";
    let head = format!("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-PLAYLIST-TYPE:VOD\n{map}");
    let segment = |number| format!("#EXTINF:2,\n/fixtures/tracks/captions_{number}.m4s\n");
    let list = (0..3).map(segment).fold(head, |text, line| text + &line) + "#EXT-X-ENDLIST\n";
    page.serve_playlist(&format!("/{folder}/v.m3u8"), &list);
    page.serve_playlist(
        &format!("/{folder}/master.m3u8"),
        "#EXTM3U\n#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID=\"cc\",NAME=\"CC1\",LANGUAGE=\"en\",INSTREAM-ID=\"CC1\"\n\
         #EXT-X-STREAM-INF:BANDWIDTH=300000,CODECS=\"avc1.64000c,mp4a.40.2\",RESOLUTION=320x160,CLOSED-CAPTIONS=\"cc\"\n\
         v.m3u8\n",
    );
    open(page, folder)?;
    page.wait(
        "sphere.textTracks.length === 1 && sphere.buffered.length && sphere.buffered.end(0) > 5",
    )?;
    // Chosen when all of it is buffered: it is read again.
    page.act("sphere.textTracks[0].mode = 'showing'")?;
    page.wait("cues(0).some(([, , text]) => text.includes('HELLO POP-ON'))")?;
    // Its EOC is in the picture at 2.08 s, as only two bytes travel with each; it is erased at 4.
    let times = "cues(0).filter(([start, end, text]) => text.includes('HELLO') && Math.abs(start - 2.1) < 0.1
        && Math.abs(end - 4) < 0.1).length";
    // Until what erases it has been read its end is open.
    page.wait(&format!("{times} === 1")).with_context(|| format!("{:?}", page.get("cues(0)")))?;
    page.act("sphere.currentTime = 3")?;
    page.wait("drawn().join('').includes('HELLO POP-ON')")?;
    // The other channel was found, and is there for who wants it.
    page.wait("sphere.textTracks.length === 2 && sphere.textTracks[1].label === 'SERVICE1'")?;
    assert_eq!(page.get("sphere.textTracks[1].mode")?, json!("disabled"), "nobody chose it");
    // CEA-708, chosen instead.
    page.act(
        "sphere.textTracks[0].mode = 'disabled'; sphere.textTracks[1].mode = 'showing';
         sphere.currentTime = 2",
    )?;
    page.wait("drawn().join('').includes('SEVEN OH EIGHT')")?;
    page.wait("!drawn().join('').includes('HELLO POP-ON')")?;
    assert_eq!(page.get("details.failure")?, json!([]));
    Ok(())
}

#[test]
#[ignore = "needs Chromium"]
fn captions_in_the_pictures_are_read_and_drawn() -> Result<()> {
    Scene::new(Chromium).play(|page| {
        captions(page, "cc-mp4")?;
        other_formats(page)
    })
}

/// Another stream of the same player: WebVTT and IMSC in fMP4, and an IMSC file, chosen one after the other.
fn other_formats(page: &PlayerPage) -> Result<()> {
    let formats = ["wvtt", "stpp", "imsc"];
    let head = "#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXT-X-PLAYLIST-TYPE:VOD\n";
    let fmp4 = |name: &str| {
        let segment = |number| format!("#EXTINF:2,\n/fixtures/tracks/{name}_{number}.m4s\n");
        let head = format!("{head}#EXT-X-MAP:URI=\"/fixtures/tracks/{name}_init.mp4\"\n");
        (1..=3).map(segment).fold(head, |text, line| text + &line) + "#EXT-X-ENDLIST\n"
    };
    let imsc = format!("{head}#EXTINF:6,\n/fixtures/tracks/en.ttml\n#EXT-X-ENDLIST\n");
    let rendition = |name| {
        format!(
            "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"s\",NAME=\"{name}\",LANGUAGE=\"en\",URI=\"{name}.m3u8\"\n"
        )
    };
    let renditions = formats.map(rendition).concat();
    page.serve_playlist(
        "/formats/master.m3u8",
        &format!(
            "#EXTM3U\n{renditions}#EXT-X-STREAM-INF:BANDWIDTH=300000,CODECS=\"avc1.64000c\",SUBTITLES=\"s\"\nv.m3u8\n"
        ),
    );
    let lists =
        [("v", fmp4("emsg")), ("wvtt", fmp4("wvtt")), ("stpp", fmp4("stpp")), ("imsc", imsc)];
    for (name, list) in &lists {
        page.serve_playlist(&format!("/formats/{name}.m3u8"), list);
    }
    open(page, "formats")?;
    page.wait("sphere.textTracks.length === 3")?;
    for (index, name) in formats.iter().enumerate() {
        let mode = format!(
            "[...sphere.textTracks].forEach((track, at) => {{ track.mode = at === {index} ? 'showing' : 'disabled' }})"
        );
        page.act(&mode)?;
        page.wait(&format!("cues({index}).length >= 3"))?;
        let cues = page.get(&format!(
            "cues({index}).map(([start, end, text]) => [Math.round(start * 10) / 10, Math.round(end * 10) / 10,
               ['First', 'Second', 'Third', 'Crosses'].find((word) => text.includes(word))])"
        ))?;
        // The packager cut the cues of `wvtt` at the end of each segment.
        let (third, end) = match *name {
            "wvtt" => ("Crosses", json!(6)),
            "stpp" => ("Crosses", json!(8.5)),
            _ => ("Third", json!(8.5)),
        };
        let all = json!([[0.5, 2.5, "First"], [3, 5, "Second"], [5.5, end, third]]);
        assert_eq!(cues, all, "{name}");
        page.act(&format!("sphere.currentTime = {}", 3.5 + index as f64 / 2.0))?;
        page.wait("drawn().length === 1 && drawn()[0].includes('Second')")?;
    }
    assert_eq!(page.get("details.failure")?, json!([]));
    Ok(())
}

#[test]
#[ignore = "needs Chromium"]
fn metadata_come_at_their_frame_and_again_after_a_seek_back() -> Result<()> {
    Scene::new(Chromium).play(|page| {
        let head = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-PLAYLIST-TYPE:VOD\n\
            #EXT-X-PROGRAM-DATE-TIME:2026-11-29T08:00:00Z\n\
            #EXT-X-DATERANGE:ID=\"view1\",CLASS=\"com.example.view\",START-DATE=\"2026-11-29T08:00:01.6Z\",DURATION=1,X-YAW=90\n\
            #EXT-X-MAP:URI=\"/fixtures/tracks/emsg_init.mp4\"\n"
            .to_owned();
        let segment = |number| format!("#EXTINF:2,\n/fixtures/tracks/emsg_{number}.m4s\n");
        let list = (1..=3).map(segment).fold(head, |text, line| text + &line) + "#EXT-X-ENDLIST\n";
        page.serve_playlist("/metadata/v.m3u8", &list);
        page.act(
            "window.told = []; window.frameSecs = [];
             const watch = () => sphere.video.requestVideoFrameCallback((_, { mediaTime }) => {
               frameSecs.push(mediaTime);
               watch();
             });
             watch();
             sphere.addEventListener('metadata', ({ detail }) =>
               told.push({ ...detail, yaw: new TextDecoder().decode(detail.data.bytes),
                 frames: frameSecs.filter((secs) => secs >= detail.startTime).length }));
             sphere.loop = false; sphere.src = '/metadata/v.m3u8'",
        )?;
        page.wait(
            "sphere.buffered.length && sphere.buffered.end(0) > 5.9 &&
             [...sphere.textTracks].flatMap(({ cues }) => [...(cues ?? [])]).length === 7",
        )?;
        page.act("sphere.play()")?;
        page.wait("sphere.ended")?;
        let schemes = "told.map(({ scheme, startTime }) => [scheme, Math.round(startTime * 10) / 10])";
        let (id3, view) = ("https://aomedia.org/emsg/ID3", "urn:example:view");
        let all = json!([
            [view, 0.5], [id3, 1.2], ["com.apple.quicktime.HLS", 1.6],
            [view, 2.5], [id3, 3.2], [view, 4.5], [id3, 5.2]
        ]);
        assert_eq!(page.get(schemes)?, all);
        // At the frame: no later than the first picture at or behind its time.
        let frames = page.get("Math.max(...told.map(({ frames }) => frames))")?;
        ensure!(frames.as_u64().is_some_and(|count| count <= 1), "{frames} frames late");
        assert_eq!(page.get("told[2].data['X-YAW']")?, json!("90"));
        assert_eq!(page.get("told[0].yaw")?, json!("yaw=10"));
        assert_eq!(page.get("told[1].data.TXXX !== undefined")?, json!(true));
        page.act("told = []; sphere.currentTime = 3; sphere.play()")?;
        page.wait("sphere.ended && told.length >= 3")?;
        assert_eq!(page.get(schemes)?, json!([[view, 2.5], [id3, 3.2], [view, 4.5], [id3, 5.2]]));
        let cues = "[...sphere.textTracks].filter(({ kind }) => kind === 'metadata')
            .map(({ label, cues }) => [label, cues.length]).sort()";
        page.wait(&format!("{cues}.length === 3"))?;
        assert_eq!(page.get(cues)?, json!([["com.apple.quicktime.HLS", 1], [id3, 3], [view, 3]]));
        assert_eq!(page.get("details.failure")?, json!([]));
        tags_and_captions_of_transport_streams(page)
    })
}

/// Another stream of the same player, of MPEG-TS: its timestamps pass 2³³ at 2.7 s, and begin again at 4 s.
fn tags_and_captions_of_transport_streams(page: &PlayerPage) -> Result<()> {
    let segment = |number| format!("#EXTINF:2,\n/fixtures/tracks/id3_captions_{number}.ts\n");
    let head = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-PLAYLIST-TYPE:VOD\n".to_owned();
    let again = "#EXT-X-DISCONTINUITY\n".to_owned() + &segment(0) + "#EXT-X-ENDLIST\n";
    page.serve_playlist("/tags/v.m3u8", &(head + &segment(0) + &segment(1) + &again));
    page.serve_playlist(
        "/tags/master.m3u8",
        "#EXTM3U\n#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID=\"cc\",NAME=\"CC1\",LANGUAGE=\"en\",DEFAULT=YES,AUTOSELECT=YES,INSTREAM-ID=\"CC1\"\n\
         #EXT-X-STREAM-INF:BANDWIDTH=300000,CODECS=\"avc1.64000c\",RESOLUTION=320x160,CLOSED-CAPTIONS=\"cc\"\n\
         v.m3u8\n",
    );
    open(page, "tags")?;
    page.act(
        "told = []; window.tags = () => told.map(({ scheme, startTime, data }) =>
           [scheme, Math.round(startTime * 1000) / 1000, Object.keys(data).find((name) => name.length === 4)]);
         window.hello = () => [...sphere.textTracks].filter(({ kind }) => kind === 'captions')
           .flatMap(({ cues }) => [...(cues ?? [])]).filter(({ text }) => text.includes('HELLO POP-ON'));
         sphere.play()",
    )?;
    page.wait("sphere.ended && told.length >= 9")?;
    let tag = |secs: f64, frame: &str| json!(["org.id3", secs, frame]);
    let later = [
        tag(1.5, "PRIV"),
        tag(2.5, "TXXX"),
        tag(2.5, "TIT2"),
        tag(3.5, "PRIV"),
        tag(4.5, "TXXX"),
        tag(4.5, "TIT2"),
        tag(5.5, "PRIV"),
    ];
    let all = [&[tag(0.5, "TXXX"), tag(0.5, "TIT2")][..], &later].concat();
    assert_eq!(page.get("tags()")?, json!(all));
    // Chosen by its author, who says it is the default.
    page.wait("hello().length === 1 && Math.abs(hello()[0].startTime - 2.1) < 0.1")?;
    page.act("told = []; sphere.currentTime = 1; sphere.play()")?;
    page.wait("sphere.ended && told.length >= 7")?;
    assert_eq!(page.get("tags()")?, json!(later));
    page.act("sphere.currentTime = 3")?;
    page.wait("drawn().join('').includes('HELLO POP-ON')")?;
    page.wait(
        "[...sphere.textTracks].find(({ label }) => label === 'org.id3')?.cues.length === 9",
    )?;
    assert_eq!(page.get("details.failure")?, json!([]));
    Ok(())
}
