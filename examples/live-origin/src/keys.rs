//! Publish keys, and the files that hold them.
//!
//! In: a file of a person's, or the system's randomness. Out: a key of letters and digits, and files
//! that only their owner may read: what nginx is configured with, and presets, by which ffmpeg reads
//! options from a file. A command line would show them to every account of the machine (`ps`), as
//! would a folder that everybody may look into.

use crate::name;
use anyhow::{Context, Result, bail, ensure};
use std::fs::{File, Permissions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// What an output of ffmpeg needs to get past `/is-ours`, as the parts' own streams do: `-fpre` and
/// this file.
pub const OWN_PRESET: &str = "own-key.ffpreset";
/// In the place of the server's URL, which nginx-rtmp neither logs nor shows in its statistics.
const OWN_OPTION: &str = "rtmp_tcurl=";

/// A key that nobody can guess.
pub fn random() -> Result<String> {
    let mut bytes = [0_u8; 12];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The key in a person's file.
pub fn read(file: &str) -> Result<String> {
    let text = std::fs::read_to_string(file).with_context(|| file.to_owned())?;
    let key = text.trim();
    if key.len() < 8 || !key.chars().all(|c| c.is_ascii_alphanumeric()) {
        bail!("the publish key in {file} needs eight letters and digits or more, and nothing else");
    }
    Ok(key.to_owned())
}

/// Makes a folder, into which only its owner may look.
pub fn private_folder(path: &Path) -> Result<()> {
    std::fs::create_dir_all(path)?;
    Ok(std::fs::set_permissions(path, Permissions::from_mode(0o700))?)
}

/// Writes a file that only its owner may read.
pub fn write(path: &Path, text: &str) -> Result<()> {
    // Anew: an older one keeps its mode, and whoever has it open.
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let mut file = File::create_new(path)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    Ok(file.write_all(text.as_bytes())?)
}

/// The key in an [`OWN_PRESET`].
pub fn of_own_preset(path: &Path) -> Result<String> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let key = text.trim().strip_prefix(OWN_OPTION).context("not a file with our own key")?;
    Ok(key.to_owned())
}

/// The line of nginx's map by which any name may be published with this key.
#[must_use]
pub fn map_line(key: &str) -> String {
    format!("\"~^{}:{key}$\" 1;\n", name::PATTERN)
}

/// Writes [`OWN_PRESET`] into a part's folder.
pub fn write_own_preset(folder: &Path, key: &str) -> Result<()> {
    write(&folder.join(OWN_PRESET), &format!("{OWN_OPTION}{key}\n"))
}

/// Writes what an output of ffmpeg to `rtmp://…/live` needs to publish a stream as a camera does.
pub fn write_camera_preset(path: &Path, stream: &str, key: &str) -> Result<()> {
    ensure!(!stream.contains(['\n', '?']), "{stream:?} is no name of a stream");
    write(path, &format!("rtmp_playpath={stream}?key={key}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_by_its_owner_alone() {
        let folder = machine::shell::target().join("tmp/keys");
        private_folder(&folder).unwrap();
        let file = folder.join("key");
        std::fs::write(&file, "left behind, for all to read").unwrap();
        write(&file, " 0123456789ab\n").unwrap();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&file), mode(&folder)), (0o600, 0o700));
        assert_eq!(read(file.to_str().unwrap()).unwrap(), "0123456789ab");
        for bad in ["short", "with spaces in it", "\"; deny all;"] {
            write(&file, bad).unwrap();
            assert!(read(file.to_str().unwrap()).is_err(), "{bad}");
        }
        std::fs::remove_dir_all(folder).unwrap();
        assert_ne!(random().unwrap(), random().unwrap());
    }
}
