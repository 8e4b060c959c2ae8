//! What is said to a server (RTMP 7.2), in AMF0.
//!
//! In: names. Out: the bodies of command messages; and of an answer, what it answers, and its code.

/// A value of AMF0.
enum Value<'a> {
    Text(&'a str),
    Number(f64),
    Null,
    Object(&'a [(&'a str, &'a str)]),
}

/// Opens an application.
pub(super) fn connect(application: &str, url: &str) -> Vec<u8> {
    let about = [("app", application), ("tcUrl", url), ("flashVer", "live-origin")];
    body(&[Value::Text("connect"), Value::Number(1.0), Value::Object(&about)])
}

/// Asks for a stream to play or publish in.
pub(super) fn create_stream() -> Vec<u8> {
    body(&[Value::Text("createStream"), Value::Number(2.0), Value::Null])
}

/// Plays what is live.
pub(super) fn play(name: &str) -> Vec<u8> {
    body(&[Value::Text("play"), Value::Number(3.0), Value::Null, Value::Text(name)])
}

/// Publishes.
pub(super) fn publish(name: &str) -> Vec<u8> {
    let words = [Value::Null, Value::Text(name), Value::Text("live")];
    let mut out = body(&[Value::Text("publish"), Value::Number(3.0)]);
    out.extend(body(&words));
    out
}

fn body(values: &[Value<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    let text = |out: &mut Vec<u8>, text: &str| {
        out.extend((text.len() as u16).to_be_bytes());
        out.extend(text.as_bytes());
    };
    for value in values {
        match value {
            Value::Number(number) => {
                out.push(0);
                out.extend(number.to_be_bytes());
            }
            Value::Text(value) => {
                out.push(2);
                text(&mut out, value);
            }
            Value::Null => out.push(5),
            Value::Object(fields) => {
                out.push(3);
                for (name, value) in *fields {
                    text(&mut out, name);
                    out.push(2);
                    text(&mut out, value);
                }
                out.extend([0, 0, 9]);
            }
        }
    }
    out
}

/// What an answer says.
#[derive(Debug, PartialEq)]
pub(super) enum Answer {
    /// To which question, and its last number: the stream, where one was asked for.
    Result(f64, f64),
    /// Such as `NetStream.Publish.Start`.
    Status(String),
    /// `_error`.
    Refused,
    /// Of no concern.
    Other,
}

/// Reads an answer.
pub(super) fn answer(body: &[u8]) -> Answer {
    let number = |at: usize| -> f64 {
        let bytes = body.get(at..at + 8).and_then(|bytes| bytes.try_into().ok());
        bytes.map_or(0.0, f64::from_be_bytes)
    };
    let name = body.get(1..3).map_or(0, |len| usize::from(u16::from_be_bytes([len[0], len[1]])));
    match body.get(3..3 + name) {
        // The number of the question follows, with its marker.
        Some(b"_result") => Answer::Result(number(4 + name), number(body.len().max(8) - 8)),
        Some(b"_error") => Answer::Refused,
        Some(b"onStatus") => {
            let text = String::from_utf8_lossy(body);
            let code = text.find("NetStream.").map(|at| &text[at..]).unwrap_or_default();
            let is_code = |c: char| c.is_ascii_alphabetic() || c == '.';
            Answer::Status(code.chars().take_while(|c| is_code(*c)).collect())
        }
        _ => Answer::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_understood() {
        let created =
            body(&[Value::Text("_result"), Value::Number(2.0), Value::Null, Value::Number(1.0)]);
        assert_eq!(answer(&created), Answer::Result(2.0, 1.0));
        let info = [("level", "status"), ("code", "NetStream.Publish.Start"), ("x", "y")];
        let words =
            [Value::Text("onStatus"), Value::Number(0.0), Value::Null, Value::Object(&info)];
        let status = Answer::Status("NetStream.Publish.Start".to_owned());
        assert_eq!(answer(&body(&words)), status);
        assert_eq!(answer(&body(&[Value::Text("_error")])), Answer::Refused);
        for odd in [&b""[..], b"\x02", b"\x02\x00\x07_result", b"\x02\xff\xff", b"\x02\x00\x02on"] {
            assert!(matches!(answer(odd), Answer::Other | Answer::Result(..)), "{odd:?}");
        }
    }

    #[test]
    fn a_publication_names_its_stream() {
        let said = publish("camera?key=1");
        assert!(said.starts_with(b"\x02\x00\x07publish\x00\x40\x08"));
        assert!(said.ends_with(b"\x05\x02\x00\x0ccamera?key=1\x02\x00\x04live"));
    }
}
