//! A connection to a server, blocking.

use super::chunks::{self, Message, OWN_CHUNK_LEN, Reader, kind};
use super::commands::{self, Answer};
use anyhow::{Context, Result, bail, ensure};
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

/// For connecting, and for every answer. Servers are on this machine.
const PATIENCE: Duration = Duration::from_secs(5);
const HANDSHAKE_LEN: usize = 1536;
/// Events (7.1.7): a stream's end, and a ping with its answer.
const STREAM_EOF: u16 = 1;
const PING: u16 = 6;
const PONG: u16 = 7;
/// Chunk streams, as everybody has them.
const CONTROL: u8 = 2;
const COMMANDS: u8 = 3;
const MEDIA: u8 = 6;

/// A stream that is played, or published.
pub struct Client {
    socket: TcpStream,
    reader: Reader,
    stream: u32,
    /// Written at once, after each turn.
    out: Vec<u8>,
}

impl Client {
    /// Plays a stream, whether or not anybody publishes it yet.
    pub fn play(url: &str) -> Result<Self> {
        let (mut client, name) = Self::open(url, None)?;
        client.say(&commands::play(name));
        client.flush()?;
        Ok(client)
    }

    /// Publishes one. `key`: goes in the place of the server's URL, as the stage's parts do it.
    pub fn publish(url: &str, key: &str) -> Result<Self> {
        let (mut client, name) = Self::open(url, Some(key))?;
        client.say(&commands::publish(name));
        let status = client.wait(|answer| match answer {
            Answer::Status(code) => Some(code),
            _ => None,
        })?;
        ensure!(status == "NetStream.Publish.Start", "publishing was refused: {status}");
        Ok(client)
    }

    fn open<'a>(url: &'a str, key: Option<&str>) -> Result<(Self, &'a str)> {
        let parts = url.strip_prefix("rtmp://").and_then(|rest| rest.split_once('/'));
        let (host, path) = parts.context("not rtmp://HOST/APPLICATION/NAME")?;
        let (application, name) = path.split_once('/').context("an address without a name")?;
        let address = host.to_socket_addrs()?.next().context("a host without an address")?;
        let mut socket = TcpStream::connect_timeout(&address, PATIENCE)?;
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        socket.set_write_timeout(Some(PATIENCE))?;
        handshake(&mut socket).context("no RTMP server")?;
        let mut client = Self { socket, reader: Reader::default(), stream: 0, out: Vec::new() };
        let len = (OWN_CHUNK_LEN as u32).to_be_bytes().to_vec();
        client.write(CONTROL, kind::CHUNK_LEN, 0, 0, len);
        let server = format!("rtmp://{host}/{application}");
        client.say(&commands::connect(application, key.unwrap_or(&server)));
        client.say(&commands::create_stream());
        client.stream = client.wait(|answer| match answer {
            Answer::Result(2.0, stream) => Some(stream as u32),
            _ => None,
        })?;
        Ok((client, name))
    }

    /// Messages that have come; none after this time. Answers pings.
    pub fn read(&mut self, patience: Duration) -> Result<Vec<Message>> {
        self.socket.set_read_timeout(Some(patience))?;
        let mut bytes = [0; 1 << 16];
        match self.socket.read(&mut bytes) {
            Ok(0) => bail!("the server has closed the connection"),
            Ok(len) => self.reader.push(&bytes[..len]),
            Err(error) if is_timeout(&error) => {}
            Err(error) => return Err(error.into()),
        }
        let mut messages = Vec::new();
        while let Some(message) = self.reader.message()? {
            if message.kind == kind::EVENT && event(&message.body) == Some(PING) {
                let mut body = PONG.to_be_bytes().to_vec();
                body.extend(message.body.get(2..6).unwrap_or_default());
                self.write(CONTROL, kind::EVENT, 0, 0, body);
            }
            messages.push(message);
        }
        self.flush()?;
        Ok(messages)
    }

    /// Sends sound, pictures or data; with the next [`Self::flush`].
    pub fn send(&mut self, kind: u8, millis: u32, body: Vec<u8>) {
        self.write(MEDIA, kind, self.stream, millis, body);
    }

    /// What was sent is under way.
    pub fn flush(&mut self) -> Result<()> {
        self.socket.write_all(&self.out)?;
        self.out.clear();
        Ok(())
    }

    fn say(&mut self, command: &[u8]) {
        self.write(COMMANDS, kind::COMMAND, self.stream, 0, command.to_vec());
    }

    fn write(&mut self, channel: u8, kind: u8, stream: u32, millis: u32, body: Vec<u8>) {
        // The server learns of our length first of all, by four bytes.
        chunks::write(
            &mut self.out,
            channel,
            &Message { kind, stream, millis, body },
            OWN_CHUNK_LEN,
        );
    }

    fn wait<T>(&mut self, mut find: impl FnMut(Answer) -> Option<T>) -> Result<T> {
        self.flush()?;
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            for message in self.read(PATIENCE)? {
                let answer = match message.kind {
                    kind::COMMAND => commands::answer(&message.body),
                    _ => Answer::Other,
                };
                ensure!(answer != Answer::Refused, "the server has refused the connection");
                if let Some(found) = find(answer) {
                    return Ok(found);
                }
            }
        }
        bail!("no answer in {PATIENCE:?}")
    }
}

/// Whether this says that the publisher has left.
pub fn is_end(message: &Message) -> bool {
    message.kind == kind::EVENT && event(&message.body) == Some(STREAM_EOF)
}

fn event(body: &[u8]) -> Option<u16> {
    Some(u16::from_be_bytes([*body.first()?, *body.get(1)?]))
}

fn is_timeout(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

/// The simple one (5.2): nobody's digest.
fn handshake(socket: &mut TcpStream) -> Result<()> {
    let mut first = vec![0; 1 + HANDSHAKE_LEN];
    first[0] = 3;
    socket.write_all(&first)?;
    let mut answer = vec![0; 1 + 2 * HANDSHAKE_LEN];
    socket.read_exact(&mut answer)?;
    ensure!(answer[0] == 3, "version {}", answer[0]);
    socket.write_all(&answer[1..=HANDSHAKE_LEN])?;
    Ok(())
}
