//! A writer of ISO base media file format boxes (ISO/IEC 14496-12 4.2).
//!
//! In: fields in order. Out: bytes, with each box's size filled in when it closes. It knows no
//! particular box.

/// Writes boxes into a buffer.
#[derive(Debug, Default)]
pub(super) struct BoxWriter {
    bytes: Vec<u8>,
}

impl BoxWriter {
    /// A box around what `content` writes.
    pub(super) fn put_box(&mut self, kind: &[u8; 4], content: impl FnOnce(&mut Self)) {
        let start = self.bytes.len();
        self.put_u32(0);
        self.put(kind);
        content(self);
        let len = (self.bytes.len() - start) as u32;
        self.bytes[start..start + 4].copy_from_slice(&len.to_be_bytes());
    }

    /// A box with version and flags.
    pub(super) fn put_full_box(
        &mut self,
        kind: &[u8; 4],
        version_and_flags: u32,
        content: impl FnOnce(&mut Self),
    ) {
        self.put_box(kind, |writer| {
            writer.put_u32(version_and_flags);
            content(writer);
        });
    }

    pub(super) fn put(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    pub(super) fn put_zeros(&mut self, count: usize) {
        self.bytes.resize(self.bytes.len() + count, 0);
    }

    pub(super) fn put_u8(&mut self, value: u8) {
        self.bytes.push(value);
    }

    pub(super) fn put_u16(&mut self, value: u16) {
        self.put(&value.to_be_bytes());
    }

    pub(super) fn put_u32(&mut self, value: u32) {
        self.put(&value.to_be_bytes());
    }

    pub(super) fn put_u64(&mut self, value: u64) {
        self.put(&value.to_be_bytes());
    }

    /// Bytes written so far.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Writes over a number put earlier.
    pub(super) fn set_u32(&mut self, offset: usize, value: u32) {
        self.bytes[offset..offset + 4].copy_from_slice(&value.to_be_bytes());
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.bytes
    }
}
