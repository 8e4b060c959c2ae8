//! Downloads: retries, limits, waiting for a network.

use super::*;
use crate::config::EngineConfig;
use crate::engine::kinds::SourceKind;
use crate::engine::output::Delivery;
use crate::error::Severity;
use crate::time::Duration;

fn wanted(purpose: Purpose) -> Wanted {
    Wanted {
        purpose,
        url: "https://a.example/x".to_owned(),
        byte_range: None,
        delivery: Delivery::Bytes,
        decryption: None,
        may_need_transmuxer: false,
        media: None,
        max_bytes: 1000,
        max_retries: 2,
        not_found_retries: 0,
        timeouts: None,
        first_byte_limit: None,
        pace: Duration::from_secs(1),
    }
}

fn begun() -> (Context, Downloads, RequestId) {
    let mut context = Context::new(EngineConfig::default(), crate::engine::transmuxer);
    let mut downloads = Downloads::default();
    downloads.start(&mut context, wanted(Purpose::Manifest(SourceKind::Main)));
    let id = last_fetch(&mut context).expect("a request");
    (context, downloads, id)
}

fn last_fetch(context: &mut Context) -> Option<RequestId> {
    let mut last = None;
    while let Some(output) = context.next_output() {
        if let Output::Fetch(request) = output {
            last = Some(request.id);
        }
    }
    last
}

#[test]
fn a_body_too_large_is_refused_by_its_announcement_and_by_its_bytes() {
    let too_large = |event: Option<DownloadEvent<'_>>| match event {
        Some(DownloadEvent::Failed { error, .. }) => error.code(),
        other => panic!("{other:?}"),
    };
    let head = |content_length| ResponseEvent::Head {
        final_url: "https://a.example/x".to_owned(),
        content_length,
        content_type: None,
    };
    let (mut context, mut downloads, id) = begun();
    let event = downloads.respond(&mut context, id, head(Some(1001)));
    assert_eq!(too_large(event), "network-too-large");
    assert_eq!(context.next_output(), Some(Output::CancelFetch(id)));

    let (mut context, mut downloads, id) = begun();
    assert!(downloads.respond(&mut context, id, head(None)).is_none());
    assert!(downloads.respond(&mut context, id, ResponseEvent::Data(&[0; 900])).is_none());
    let event = downloads.respond(&mut context, id, ResponseEvent::Data(&[0; 900]));
    assert_eq!(too_large(event), "network-too-large");
    assert_eq!(downloads.next_wake(&context), None, "and is not tried again");
}

#[test]
fn retries_are_new_requests_after_a_wait_until_the_budget_is_spent() {
    let (mut context, mut downloads, mut id) = begun();
    for _ in 0..2 {
        let failed = ResponseEvent::Failed(NetworkFailure::Status(503));
        assert!(downloads.respond(&mut context, id, failed).is_none());
        let warned = context.next_output();
        assert!(matches!(&warned, Some(Output::Event(super::super::Event::Error(error)))
            if error.severity() == Severity::Warning));
        let due = downloads.next_wake(&context).expect("a retry is planned");
        assert!(due > context.now);
        downloads.resume(&mut context, false);
        assert_eq!(last_fetch(&mut context), None, "not before it is due");
        context.now = due;
        downloads.resume(&mut context, false);
        let next = last_fetch(&mut context).expect("a new request");
        assert_ne!(next, id);
        // News of the old one is nobody's.
        assert!(downloads.respond(&mut context, id, ResponseEvent::Data(b"x")).is_none());
        id = next;
    }
    let failed = ResponseEvent::Failed(NetworkFailure::Status(503));
    assert!(matches!(
        downloads.respond(&mut context, id, failed),
        Some(DownloadEvent::Failed { error: Error::Network { .. }, .. })
    ));
    assert!(!downloads.is_running(Purpose::Manifest(SourceKind::Main)));
}

#[test]
fn without_a_network_no_retry_is_spent_and_its_return_resumes_at_once() {
    let (mut context, mut downloads, mut id) = begun();
    context.is_online = false;
    for _ in 0..10 {
        let failed = ResponseEvent::Failed(NetworkFailure::Unreachable);
        assert!(downloads.respond(&mut context, id, failed).is_none());
        context.now += Duration::from_millis(10);
        downloads.resume(&mut context, true);
        id = last_fetch(&mut context).expect("a new request");
    }
}
