//! The rungs of the ladder, and the one ffmpeg command that makes them.
//!
//! In: a choice of [`Ladder`]. Out: the arguments an origin's nginx starts ffmpeg with. The highest
//! rung is passed through as the camera encoded it; the others get their key frames where it has
//! them, and no B-frames, so that all rungs are cut alike. What they are called is their width.

use anyhow::{Result, bail};

/// A rung.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rung {
    /// The suffix of its stream, such as `1080p`.
    pub name: String,
    /// `None`: as the camera sends it.
    pub encode: Option<Encode>,
}

/// A rung that is encoded here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encode {
    /// At most, as no rung is larger than the source; the height follows from the source's shape.
    pub width_px: u32,
    /// Aimed at.
    pub kilobits_per_second: u32,
}

/// Rungs from high to low; the first is passed through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ladder {
    /// The rungs.
    pub rungs: Vec<Rung>,
    /// The width the source should have.
    pub source_width_px: u32,
}

impl Ladder {
    /// The reference's: 2160p as it comes, and 1080p, 540p, 480p. Some six cores for two origins.
    #[must_use]
    pub fn full() -> Self {
        Self::new("2160p", 3840, &[("1080p", 1920, 4500), ("540p", 960, 1600), ("480p", 854, 900)])
    }

    /// For two cores: 480p as it comes, and half of it.
    #[must_use]
    pub fn small() -> Self {
        Self::new("480p", 960, &[("240p", 480, 500)])
    }

    /// For tests on a busy machine.
    #[must_use]
    pub fn tiny() -> Self {
        Self::new("240p", 480, &[("120p", 240, 150)])
    }

    /// By name, or by the number of cores.
    pub fn named(name: Option<&str>) -> Result<Self> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(match name {
            Some("full") => Self::full(),
            Some("small") => Self::small(),
            Some("tiny") => Self::tiny(),
            None if cores >= 8 => Self::full(),
            None => Self::small(),
            Some(other) => bail!("there is no ladder {other}; there are full, small and tiny"),
        })
    }

    fn new(top: &str, source_width_px: u32, encoded: &[(&str, u32, u32)]) -> Self {
        let mut rungs = vec![Rung { name: top.to_owned(), encode: None }];
        rungs.extend(encoded.iter().map(|&(name, width_px, kilobits_per_second)| Rung {
            name: name.to_owned(),
            encode: Some(Encode { width_px, kilobits_per_second }),
        }));
        Self { rungs, source_width_px }
    }

    /// Their names, from high to low.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.rungs.iter().map(|rung| rung.name.clone()).collect()
    }

    /// What nginx runs for each stream; `$name` is for nginx to fill in. `rtmp` is the origin's
    /// own address, `preset` the file with what it has to know to publish there.
    #[must_use]
    pub fn command(&self, rtmp: &str, preset: &str) -> String {
        // Time stamps as they came: they hold the ingest's clock, and both origins cut by them.
        let mut words: Vec<String> =
            ["ffmpeg", "-nostdin", "-v", "warning", "-copyts"].map(str::to_owned).to_vec();
        words.extend(["-rw_timeout".into(), "15000000".into()]);
        words.extend(["-i".into(), format!("{rtmp}/live/$name")]);
        for rung in &self.rungs {
            words.extend(["-map", "0:v:0", "-map", "0:a:0?", "-c:a", "copy"].map(str::to_owned));
            let Some(encode) = rung.encode else {
                words.extend(["-c:v", "copy"].map(str::to_owned));
                words.extend(output(rtmp, &rung.name, preset));
                continue;
            };
            let rate = encode.kilobits_per_second;
            words.extend(
                [
                    "-c:v libx264 -preset veryfast -tune zerolatency -bf 0 -pix_fmt yuv420p",
                    // Key frames where the source has them, and nowhere else.
                    "-force_key_frames source -g 9999 -sc_threshold 0 -fps_mode passthrough",
                    &format!("-b:v {rate}k -maxrate {}k -bufsize {}k", rate * 5 / 4, rate * 2),
                    // Quotes for the filter's comma: nginx and execve pass them on.
                    &format!(
                        "-vf scale='trunc(min({},iw)/2)*2':-2:flags=fast_bilinear",
                        encode.width_px
                    ),
                ]
                .iter()
                .flat_map(|words| words.split(' ').map(str::to_owned)),
            );
            words.extend(output(rtmp, &rung.name, preset));
        }
        words.join(" ")
    }
}

/// Back to the origin, as a stream of its own.
fn output(rtmp: &str, rung: &str, preset: &str) -> impl Iterator<Item = String> {
    let url = format!("{rtmp}/hls/$name_{rung}");
    let words = ["-flvflags", "no_duration_filesize", "-fpre", preset, "-f", "flv"];
    words.map(str::to_owned).into_iter().chain([url])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_top_is_passed_through_and_the_rest_follow_its_key_frames() {
        let command = Ladder::full().command("rtmp://127.0.0.1:1935", "/own");
        assert_eq!(command.matches("-c:v libx264").count(), 3);
        assert_eq!(command.matches("-force_key_frames source").count(), 3);
        assert!(command.contains("-c:a copy -c:v copy -flvflags no_duration_filesize -fpre /own -f flv rtmp://127.0.0.1:1935/hls/$name_2160p"));
        assert!(command.contains(" -vf scale='trunc(min(960,iw)/2)*2':-2:"), "{command}");
        assert!(Ladder::named(Some("huge")).is_err());
        assert_eq!(Ladder::small().names(), ["480p", "240p"]);
    }
}
