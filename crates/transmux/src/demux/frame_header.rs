//! The begin of a frame of sound, as the modules of the codecs find it.

/// What it says.
pub(super) struct FrameHeader<Config> {
    pub config: Config,
    /// Bytes before the frame that stay out of the sample.
    pub skipped_len: usize,
    /// Bytes of the sample.
    pub len: usize,
    /// It belongs to the sample before it.
    pub is_extension: bool,
}

impl<Config> FrameHeader<Config> {
    pub fn map<Other>(self, wrap: impl FnOnce(Config) -> Other) -> FrameHeader<Other> {
        let Self { config, skipped_len, len, is_extension } = self;
        FrameHeader { config: wrap(config), skipped_len, len, is_extension }
    }
}
