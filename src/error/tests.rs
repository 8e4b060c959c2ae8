//! Codes and what follows from them.

use super::*;

#[test]
fn client_errors_are_final() {
    let status = |status| Error::Network {
        resource: Resource::Segment,
        url: "https://a.example/1.ts".into(),
        failure: NetworkFailure::Status(status),
        exhausted: false,
    };
    assert!(!status(403).is_retryable());
    assert!(status(503).is_retryable());
    assert_eq!(status(503).severity(), Severity::Warning);
    assert!(status(404).to_string().contains("does not exist"));
    assert_eq!(status(404).code(), "network-status");
}
